import { Loader } from "@mantine/core";
import { lazy, Suspense, type ReactNode } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useText, withWords } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";
import style from "./app.module.css";
import { ErrorBoundary } from "./ErrorBoundary";

const FlowsPage = lazy(() => import("./pages/FlowsPage").then((part) => ({ default: part.FlowsPage })));
const EditorPage = lazy(() => import("./editor/EditorPage"));
const RunPage = lazy(() => import("./editor/RunPage"));
const RunsPage = lazy(() => withWords(import("./pages/RunsPage")));
const JobPage = lazy(() => withWords(import("./pages/runs/JobPage")));
const ComparePage = lazy(() => withWords(import("./compare/ComparePage")));
const ApprovalsPage = lazy(() => withWords(import("./pages/ApprovalsPage")));
const SamplesPage = lazy(() => withWords(import("./first/SamplesPage")));
const CredentialsPage = lazy(() => import("./pages/CredentialsPage"));
const OperationsPage = lazy(() => withWords(import("./pages/OperationsPage")));
const SettingsPage = lazy(() => withWords(import("./settings/SettingsPage")));

/** Which address shows what. */
export function Pages() {
  const [location] = useLocation();
  const text = useText();
  return (
    <ErrorBoundary reset={location}>
      <Suspense fallback={<Waiting />}>
        <Switch>
          <Route path="/">
            <FlowsPage />
          </Route>
          <Route path="/flows">
            <Redirect to="/" replace />
          </Route>
          <Route path="/flows/:id">{({ id }) => <EditorPage key={id} id={id} />}</Route>
          <Route path="/runs">
            <RunsPage />
          </Route>
          <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
          <Route path="/jobs/:id">{({ id }) => <JobPage key={id} id={id} />}</Route>
          <Route path="/compare/:left/:right">{({ left, right }) => <ComparePage key={`${left}/${right}`} left={left} right={right} />}</Route>
          <Route path="/samples">
            <SamplesPage />
          </Route>
          <Route path="/approvals">
            <ApprovalsPage />
          </Route>
          <Route path="/credentials">
            <CredentialsPage />
          </Route>
          <Route path="/operations/:section?">{({ section }) => <OperationsPage section={section ?? "letters"} />}</Route>
          <Route path="/settings/:section?">{({ section }) => <SettingsPage section={section ?? "profile"} />}</Route>
          <Route>
            <EmptyState title={text("app.noPage")}>{text("common.error.notFound")}</EmptyState>
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}

export function Waiting({ children }: { children?: ReactNode }) {
  return (
    <div className={style.waiting} role="status">
      <Loader size="sm" color="var(--accent)" />
      {children}
    </div>
  );
}
