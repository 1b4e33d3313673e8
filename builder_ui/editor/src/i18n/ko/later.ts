import code from "./code.json";
import diffs from "./diffs.json";
import dry from "./dry.json";
import extract from "./extract.json";
import finding from "./finding.json";
import findings from "./findings.json";
import held from "./held.json";
import jobs from "./jobs.json";
import keys from "./keys.json";
import locks from "./locks.json";
import mapping from "./mapping.json";
import messages from "./messages.json";
import outbox from "./outbox.json";
import outline from "./outline.json";
import people from "./people.json";
import pruning from "./pruning.json";
import releases from "./releases.json";
import rerun from "./rerun.json";
import runspage from "./runspage.json";
import samples from "./samples.json";
import settings from "./settings.json";
import step from "./step.json";
import telling from "./telling.json";
import tests from "./tests.json";
import timetravel from "./timetravel.json";
import versions from "./versions.json";

/** The words of parts that are loaded when they are opened; they come with those. */
export default { code, diffs, dry, extract, finding, findings, held, jobs, keys, locks, mapping, messages, outbox, outline, people, pruning, releases, rerun, runspage, samples, settings, step, telling, tests, timetravel, versions };
