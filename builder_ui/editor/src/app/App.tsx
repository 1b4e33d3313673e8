import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { useSession } from "@/api/account";
import { queryClient } from "@/api/queries";
import { styleNonce } from "@/ui/nonce";
import { resolver, theme } from "@/ui/theme";
import { ErrorBoundary } from "./ErrorBoundary";
import { Pages } from "./Pages";
import { Preferences } from "./Preferences";
import { Shell } from "./Shell";
import { SignedOut } from "./SignedOut";
import { isRefusal } from "./told";

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <Notifications position="bottom-center" limit={4} />
      <QueryClientProvider client={queryClient}>
        <ErrorBoundary>
          <Signed />
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Signed() {
  const session = useSession();
  // A server that is away for a while takes nothing off the page: what is typed there is kept until it is back.
  if (session.isError && (session.data === undefined || isRefusal(session.error))) return <SignedOut error={session.error} onRetry={() => void session.refetch()} />;
  return (
    <>
      {session.data && <Preferences session={session.data} />}
      <Shell>{session.data ? <Pages /> : null}</Shell>
    </>
  );
}
