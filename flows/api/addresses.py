"""The addresses under /api/."""

from django.urls import URLPattern, path, re_path

from flows.api import (
    catalogue,
    credentials,
    drafts,
    flows,
    members,
    runs,
    session,
    starts,
    steering,
    tokens,
    versions,
    watching,
    workspaces,
)
from flows.api.missing import Missing
from flows.api.schema import Schema

urlpatterns: list[URLPattern] = [
    path("schema/", Schema.as_view(), name="api-schema"),
    path("schema/document", catalogue.DocumentSchema.as_view()),
    path("node-types/", catalogue.NodeTypeList.as_view()),
    path("session/", session.Session.as_view()),
    path("session/password/", session.Password.as_view()),
    path("flows/", flows.Flows.as_view()),
    path("flows/validate/", drafts.Validation.as_view()),
    path("flows/<uuid:flow>/", flows.OneFlow.as_view()),
    path("flows/<uuid:flow>/duplicate/", flows.DuplicateOfFlow.as_view()),
    path("flows/<uuid:flow>/restore/", flows.RestoreOfFlow.as_view()),
    path("flows/<uuid:flow>/draft/", drafts.DraftOfFlow.as_view()),
    path("flows/<uuid:flow>/publish/", versions.PublishFlow.as_view()),
    path("flows/<uuid:flow>/versions/", versions.VersionsOfFlow.as_view()),
    path("flows/<uuid:flow>/versions/<int:number>/", versions.OneVersion.as_view()),
    path("flows/<uuid:flow>/diff/", versions.DiffOfFlow.as_view()),
    path("flows/<uuid:flow>/releases/", versions.ReleasesOfFlow.as_view()),
    path("flows/<uuid:flow>/release/", versions.ReleaseFlow.as_view()),
    path("flows/<uuid:flow>/rollback/", versions.RollBackFlow.as_view()),
    path("flows/<uuid:flow>/canary/", versions.CanaryOfFlow.as_view()),
    path("flows/<uuid:flow>/runs/batch/", starts.BatchOfRuns.as_view()),
    path("runs/", runs.Runs.as_view()),
    path("runs/<uuid:run>/", runs.OneRun.as_view()),
    path("runs/<uuid:run>/document/", runs.DocumentOfRun.as_view()),
    path("runs/<uuid:run>/events/", runs.EventsOfRun.as_view()),
    path("runs/<uuid:run>/steps/", runs.StepsOfRun.as_view()),
    path("runs/<uuid:run>/cancel/", steering.CancelOfRun.as_view()),
    path("runs/<uuid:run>/pause/", steering.PauseOfRun.as_view()),
    path("runs/<uuid:run>/resume/", steering.ResumeOfRun.as_view()),
    path("runs/<uuid:run>/rerun/", starts.RerunOfRun.as_view()),
    path("runs/<uuid:run>/signals/<str:name>/", steering.SignalOfRun.as_view()),
    # A step's key holds slashes, which arrive decoded.
    path("runs/<uuid:run>/steps/<path:key>/resolve/", steering.ResolveOfStep.as_view()),
    path("runs/<uuid:run>/steps/<path:key>/", runs.OneStep.as_view()),
    path("credentials/", credentials.Credentials.as_view()),
    path("credentials/<uuid:credential>/", credentials.OneCredential.as_view()),
    path("tokens/", tokens.Tokens.as_view()),
    path("tokens/<uuid:token>/", tokens.OneToken.as_view()),
    path("members/", members.Members.as_view()),
    path("members/<uuid:member>/", members.OneMember.as_view()),
    path("invitations/", members.Invitations.as_view()),
    path("invitations/accept/", members.Joining.as_view()),
    path("invitations/<uuid:invitation>/", members.OneInvitation.as_view()),
    path("workspaces/", workspaces.Workspaces.as_view()),
    path("workspaces/<uuid:workspace>/", workspaces.OneWorkspace.as_view()),
    path("triggers/", watching.Triggers.as_view()),
    path("alerts/", watching.Alerts.as_view()),
    path("alerts/<uuid:alert>/seen/", watching.SeenAlert.as_view()),
    path("audit/", watching.Audit.as_view()),
]

last = [re_path(r"^(?P<rest>.*)$", Missing.as_view())]
