import { Button } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useText } from "@/i18n";
import { flushSaving } from "@/store/opening";
import { useSaving } from "@/store/saving";
import { useNow } from "@/ui/useNow";
import style from "./app.module.css";
import { useAway } from "./useAway";

/** Says when the line is down: that nothing is lost by it, or that what stands here is not of now. */
export function OfflineBanner() {
  const text = useText();
  const [online, setOnline] = useState(navigator.onLine);
  const isSavingAway = useSaving((state) => state.status === "offline");
  const saveAt = useSaving((state) => state.retryAt);
  const away = useAway();
  const retryAt = isSavingAway ? saveAt : online ? away.retryAt : null;
  const now = useNow(retryAt !== null);
  useEffect(() => {
    const look = (): void => setOnline(navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  if (online && !isSavingAway && !away.isAway) return null;
  return (
    <div className={style.offline} role="status">
      <IconCloudOff size={15} aria-hidden /> {text(online && !isSavingAway ? "app.away" : "app.offline")}
      {retryAt !== null && (
        <>
          {" "}
          {/* A count that runs is not read out second by second. */}
          <span aria-hidden data-testid="retry-in">
            {text("together.offline.retryIn", { seconds: Math.max(1, Math.ceil((retryAt - now) / 1000)) })}
          </span>
          <Button size="compact-xs" variant="default" onClick={() => (isSavingAway ? void flushSaving() : away.retry())}>
            {text("together.offline.retryNow")}
          </Button>
        </>
      )}
    </div>
  );
}
