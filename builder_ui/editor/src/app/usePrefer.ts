import { useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { account, accountKeys } from "@/api/account";
import { queryClient } from "@/api/queries";
import { speak, type Language } from "@/i18n";
import { told } from "./told";

/** Change one's language and theme: at once here, and in the profile. What the server says in words is asked anew. */
export function usePrefer() {
  const client = useQueryClient();
  const { setColorScheme } = useMantineColorScheme();
  const keep = (body: { language?: string; theme?: string }): Promise<void> =>
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
  };
}
