/** The samples that come with the product, in the language of the page. */
import { useQuery } from "@tanstack/react-query";
import type { JsonObject } from "@/document/types";
import { get } from "./client";

/** A flow to begin with: its document, and what stands above its picture. */
export interface Sample {
  id: string;
  name: string;
  description: string;
  document: JsonObject;
}

const list = (): Promise<Sample[]> => get<{ results: Sample[] }>("/api/samples/").then(({ results }) => results);

export const useSamples = () => useQuery({ queryKey: ["samples", document.documentElement.lang], queryFn: list, staleTime: 5 * 60_000 });
