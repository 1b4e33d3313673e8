/** What every test's page has that the test double of a browser lacks. */
import "fake-indexeddb/auto";
