import { useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { account, accountKeys, type Session } from "@/api/account";
import { queryClient } from "@/api/queries";
import { speak, type Language } from "@/i18n";
import { useKeys, type OwnKeys } from "@/store/keys";
import { told } from "./told";

/** Change one's language, theme and keys: at once here, and in the profile. What the server says in words is asked anew. */
export function usePrefer() {
  const client = useQueryClient();
  const { setColorScheme } = useMantineColorScheme();
  const keep = (body: { language?: string; theme?: string; keys?: OwnKeys }): Promise<void> =>
    told(async () => {
      client.setQueryData(accountKeys.session, await account.prefer(body));
    });
  return {
    language: async (language: Language): Promise<void> => {
      await speak(language);
      await keep({ language });
      await queryClient.invalidateQueries();
    },
    theme: async (theme: "auto" | "light" | "dark"): Promise<void> => {
      setColorScheme(theme);
      await keep({ theme });
    },
    keys: async (own: OwnKeys): Promise<void> => {
      useKeys.setState({ own });
      await keep({ keys: own });
      // Where the server didn't take them, those it has stand again.
      useKeys.setState({ own: client.getQueryData<Session>(accountKeys.session)?.keys ?? own });
    },
  };
}
