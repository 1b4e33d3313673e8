import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { t } from "@/i18n";
import { ErrorCard } from "@/ui/ErrorCard";
import style from "./app.module.css";

interface State {
  error: Error | null;
}

/** A fault of the page itself: said plainly, with the way on. What was typed is kept in the browser. */
export class ErrorBoundary extends Component<{ children: ReactNode; reset?: string }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override componentDidUpdate(before: { reset?: string }): void {
    if (this.state.error !== null && before.reset !== this.props.reset) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div className={style.fault}>
        <ErrorCard title={t("common.error.unexpected")} error={{ message: error.message, hint: t("app.fault.hint") }}>
          <Button onClick={() => window.location.reload()}>{t("common.action.reload")}</Button>
        </ErrorCard>
      </div>
    );
  }
}
