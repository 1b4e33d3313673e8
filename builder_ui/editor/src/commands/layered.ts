/** The layout kernel, in a worker of its own so that the page stays quick. Loaded at the first tidying. */
import ELK from "elkjs/lib/elk-api.js";
import worker from "elkjs/lib/elk-worker.min.js?url";
import type { ElkNode, Layered } from "@/document/layout";

const kernel = new ELK({ workerFactory: () => new Worker(worker) });

export const layered: Layered = async (graph) => {
  const answer: ElkNode = await kernel.layout<{ id: string } & ElkNode>(graph);
  return answer;
};
