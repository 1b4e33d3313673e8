import { Button, type ButtonProps } from "@mantine/core";
import { useText } from "@/i18n";
import { ErrorCard } from "./ErrorCard";
import { whyOf, type Failure } from "./Unread";

interface Paged {
  error: Failure | null;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The way to the rest of a long list; where the rest didn't come, why. */
export function More({ list, ...rest }: { list: Paged } & Pick<ButtonProps, "size" | "mt" | "style">) {
  const text = useText();
  if (!list.hasNextPage) return null;
  return (
    <>
      {list.isFetchNextPageError && list.error !== null && <ErrorCard error={whyOf(text, list.error)} />}
      <Button mt="md" {...rest} loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {text("common.action.showMore")}
      </Button>
    </>
  );
}
