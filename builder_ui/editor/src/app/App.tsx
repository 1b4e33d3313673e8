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
  if (session.isError) return <SignedOut error={session.error} onRetry={() => void session.refetch()} />;
  return (
    <>
      {session.data && <Preferences session={session.data} />}
      <Shell>{session.data ? <Pages /> : null}</Shell>
    </>
  );
}
