import { cleanup, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { speak } from "@/i18n";
import { JsonView } from "./JsonView";
import { fillIn, show } from "./testing";

const VALUE = { count: 2, rows: [{ sku: "tea", qty: 2 }, { sku: "cup" }] };

beforeAll(async () => {
  await speak("en");
  fillIn();
});
afterEach(cleanup);

test("a cell of a table is chosen and dragged by where it stands in the value, and a column by its name", async () => {
  const [onPath, onDrag, onColumn, onDragColumn] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  show(<JsonView value={VALUE} onPath={onPath} onDrag={onDrag} onColumn={onColumn} onDragColumn={onDragColumn} />);
  await userEvent.click(screen.getByRole("radio", { name: "Table" }));
  await userEvent.click(screen.getByRole("button", { name: "cup" }));
  expect(onPath.mock.calls).toEqual([[["rows", 1, "sku"]]]);
  const dataTransfer = expect.anything() as unknown;
  fireEvent.dragStart(screen.getByRole("button", { name: "2" }), { dataTransfer: {} });
  expect(onDrag.mock.calls).toEqual([[["rows", 0, "qty"], dataTransfer]]);
  await userEvent.click(screen.getByRole("button", { name: "qty" }));
  expect(onColumn.mock.calls).toEqual([[["rows"], "qty"]]);
  fireEvent.dragStart(screen.getByRole("button", { name: "sku" }), { dataTransfer: {} });
  expect(onDragColumn.mock.calls).toEqual([[["rows"], "sku", dataTransfer]]);
  // What a row does not have can't be read from it.
  expect(screen.queryByRole("button", { name: "–" })).toBeNull();
});

test("a table that is only looked at has no buttons in it", async () => {
  show(<JsonView value={VALUE} />);
  await userEvent.click(screen.getByRole("radio", { name: "Table" }));
  expect(screen.getByRole("columnheader", { name: "sku" }).querySelector("button")).toBeNull();
  expect(screen.getByRole("cell", { name: "tea" }).querySelector("button")).toBeNull();
});
