import { IconCloudOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useText } from "@/i18n";
import { useSaving } from "@/store/saving";
import style from "./app.module.css";

/** Says when the line is down, and that nothing is lost by it. */
export function OfflineBanner() {
  const text = useText();
  const [online, setOnline] = useState(navigator.onLine);
  const isSavingAway = useSaving((state) => state.status === "offline");
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
    </div>
  );
}
