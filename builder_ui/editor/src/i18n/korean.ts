/** Why things failed, in Korean: what the product says in its journals and beside its messages, and the systems below it. */
import en from "./en/faults.json";
import ko from "./ko/faults.json";
import { recogniser } from "./recognised";

export const inKorean = recogniser({ ...en.system, ...en.product }, { ...ko.system, ...ko.product });
