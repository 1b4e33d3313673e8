/** Who is signed in, and what is set up around flows: workspaces, members, tokens, alerts, the audit. */
import { useQuery } from "@tanstack/react-query";
import { get, patch, post, put, query, remove } from "./client";
import type { JsonSchema, Page } from "./types";

export type Role = "viewer" | "operator" | "editor" | "admin";
export const ROLES: readonly Role[] = ["viewer", "operator", "editor", "admin"];

export interface WorkspaceMark {
  id: string;
  slug: string;
  name: string;
  role: Role;
}

export interface Session {
  user: { id: number; name: string; email: string; is_staff: boolean };
  workspace: WorkspaceMark;
  workspaces: WorkspaceMark[];
  role: Role;
  permissions: string[];
  /** Empty where none was chosen. */
  language: string;
  languages: string[];
  theme: "auto" | "light" | "dark";
  /** The keys of commands that differ from those they come with, by the command's id. */
  keys: Record<string, readonly string[]>;
}

export interface Token {
  id: string;
  name: string;
  hint: string;
  user: string;
  scopes: string[];
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}

export interface Member {
  id: string;
  user: number;
  name: string;
  email: string;
  role: Role;
  is_active: boolean;
  created_at: string;
}

/** People whom flows ask by one name; each member by the id of the membership. */
export interface Group {
  id: string;
  name: string;
  members: { id: string; name: string; is_active: boolean }[];
  created_at: string;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  created_at: string;
  expires_at: string;
}

export interface WorkspaceDetail {
  id: string;
  slug: string;
  name: string;
  retention_days: number;
  /** Of each flow the newest so many versions stay, and those younger than so many days; with neither, all. */
  keep_versions?: number | null;
  keep_version_days?: number | null;
}

export interface AuditEntry {
  id: string;
  actor: string;
  verb: string;
  subject: string;
  /** What was done to what, in the reader's language. */
  sentence: string;
  details: Record<string, unknown>;
  at: string;
}

export interface Alert {
  id: string;
  flow: string | null;
  run: string | null;
  step: string;
  code: string;
  message: string;
  created_at: string;
  seen_at: string | null;
}

export interface CredentialKind {
  name: string;
  /** What people call it, and the texts of its choices, in the reader's language. */
  label?: string;
  labels?: Record<string, string>;
  schema: JsonSchema;
}

export const account = {
  session: () => get<Session>("/api/session/"),
  prefer: (body: { language?: string; theme?: string; keys?: Record<string, readonly string[]> }) => patch<Session>("/api/session/", body),
  changePassword: (body: { old: string; new: string }) => post<void>("/api/session/password/", body),
};

export const tokens = {
  list: () => get<Page<Token>>("/api/tokens/"),
  create: (body: { name: string; scopes?: string[]; days?: number }) => post<Token & { token: string }>("/api/tokens/", body),
  revoke: (id: string) => remove(`/api/tokens/${id}/`),
};

export const members = {
  list: () => get<Page<Member>>("/api/members/"),
  change: (id: string, body: { role: Role }) => patch<Member>(`/api/members/${id}/`, body),
  remove: (id: string) => remove(`/api/members/${id}/`),
  invitations: () => get<Page<Invitation>>("/api/invitations/"),
  invite: (body: { email: string; role: Role }) => post<Invitation & { secret: string }>("/api/invitations/", body),
  withdraw: (id: string) => remove(`/api/invitations/${id}/`),
};

export const groups = {
  list: () => get<Page<Group>>("/api/groups/"),
  create: (body: { name: string; members?: string[] }) => post<Group>("/api/groups/", body),
  remove: (id: string) => remove(`/api/groups/${id}/`),
  putIn: (id: string, member: string) => put<Group>(`/api/groups/${id}/members/${member}/`, {}),
  takeOut: (id: string, member: string) => remove(`/api/groups/${id}/members/${member}/`),
};

export const workspace = {
  read: (id: string) => get<WorkspaceDetail>(`/api/workspaces/${id}/`),
  change: (id: string, body: Partial<Pick<WorkspaceDetail, "name" | "retention_days" | "keep_versions" | "keep_version_days">>) => patch<WorkspaceDetail>(`/api/workspaces/${id}/`, body),
  audit: (cursor?: string) => get<Page<AuditEntry>>(`/api/audit/${query({ cursor })}`),
  alerts: () => get<Page<Alert>>("/api/alerts/"),
  seen: (id: string) => post<void>(`/api/alerts/${id}/seen/`),
};

export const accountKeys = {
  session: ["session"] as const,
  tokens: ["tokens"] as const,
  members: ["members"] as const,
  groups: ["groups"] as const,
  invitations: ["invitations"] as const,
  workspace: (id: string) => ["workspace", id] as const,
  audit: ["audit"] as const,
  alerts: ["alerts"] as const,
  kinds: ["credential-kinds"] as const,
};

export const useSession = () => useQuery({ queryKey: accountKeys.session, queryFn: account.session, staleTime: 60_000 });

/** Whether the person may do something here, such as `flows:write`; false while it isn't known. */
export const useMay = (permission: string): boolean => useSession().data?.permissions.includes(permission) ?? false;

/** The kinds of credentials that have a form. */
export const useCredentialKinds = () =>
  useQuery({ queryKey: accountKeys.kinds, queryFn: () => get<Page<CredentialKind>>("/api/credential-kinds/"), staleTime: Infinity });

/** The page of a list that `next` points at, by the cursor in it. */
export const cursorOf = (next: string | null): string | undefined =>
  next === null ? undefined : (new URL(next, window.location.href).searchParams.get("cursor") ?? undefined);
