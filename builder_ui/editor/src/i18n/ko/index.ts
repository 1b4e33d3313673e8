import app from "./app.json";
import approvals from "./approvals.json";
import calls from "./calls.json";
import canvas from "./canvas.json";
import commands from "./commands.json";
import common from "./common.json";
import first from "./first.json";
import inspector from "./inspector.json";
import operations from "./operations.json";
import pages from "./pages.json";
import palette from "./palette.json";
import runs from "./runs.json";
import steering from "./steering.json";
import together from "./together.json";

export default { app, approvals, calls, canvas, commands, common, first, inspector, operations, pages, palette, runs, steering, together };
