import { Button } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useText } from "@/i18n";
import { flushSaving } from "@/store/opening";
import { useSaving } from "@/store/saving";
import { useNow } from "@/ui/useNow";
import style from "./app.module.css";

/** Says when the line is down, and that nothing is lost by it. */
export function OfflineBanner() {
  const text = useText();
  const [online, setOnline] = useState(navigator.onLine);
  const isSavingAway = useSaving((state) => state.status === "offline");
  const retryAt = useSaving((state) => state.retryAt);
  const now = useNow(isSavingAway && retryAt !== null);
  useEffect(() => {
    const look = (): void => setOnline(navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  if (online && !isSavingAway) return null;
  return (
    <div className={style.offline} role="status">
      <IconCloudOff size={15} aria-hidden /> {text("app.offline")}
      {isSavingAway && retryAt !== null && (
        <>
          {" "}
          {/* A count that runs is not read out second by second. */}
          <span aria-hidden data-testid="retry-in">
            {text("together.offline.retryIn", { seconds: Math.max(1, Math.ceil((retryAt - now) / 1000)) })}
          </span>
          <Button size="compact-xs" variant="default" onClick={() => void flushSaving()}>
            {text("together.offline.retryNow")}
          </Button>
        </>
      )}
    </div>
  );
}
