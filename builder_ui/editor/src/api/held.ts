/**
 * The shapes the editor reads, held against what the server says it answers with (OpenAPI, `manage.py build_client`).
 *
 * The editor's own types say more (which words a status may be) and leave out what it doesn't read; what they must
 * not do is name a field that isn't told, or forget that one may be null. Then this file doesn't compile, and the
 * error names the field.
 */
import type * as Account from "./account";
import type * as BackTests from "./backTests";
import type * as Changes from "./changes";
import type { components } from "./shapes.generated";
import type * as Deployments from "./deployments";
import type * as Environments from "./environments";
import type * as Exchange from "./exchange";
import type * as Dry from "./dryRuns";
import type * as Jobs from "./jobs";
import type * as NodeSamples from "./nodeSamples";
import type * as Past from "./past";
import type * as Operations from "./operations";
import type * as Outbox from "./outbox";
import type * as Previews from "./previews";
import type * as Search from "./search";
import type * as Samples from "./samples";
import type * as Tests from "./flowTests";
import type * as T from "./types";

type Told = components["schemas"];

type MayBeNull<V> = null extends V ? true : false;
type MayBeAbsent<V> = undefined extends V ? true : false;

/** The fields of `Ours` that `Server` doesn't tell, or tells as null or absent where `Ours` doesn't expect it. */
type Misfits<Server, Ours> = {
  [K in keyof Ours & string]: K extends keyof Server
    ? unknown extends Server[K]
      ? never
      : MayBeNull<Server[K]> extends true
        ? MayBeNull<Ours[K]> extends true
          ? never
          : K
        : MayBeAbsent<Server[K]> extends true
          ? MayBeAbsent<Ours[K]> extends true
            ? never
            : K
          : never
    : K;
}[keyof Ours & string];

type Holds<None extends never> = None;

export type Held = [
  Holds<Misfits<Told["FlowShape"], T.Flow>>,
  Holds<Misfits<Told["DraftShape"], T.Draft>>,
  Holds<Misfits<Told["VersionWithDocument"], T.Version>>,
  Holds<Misfits<Told["ChangeShape"], Changes.Change>>,
  Holds<Misfits<Told["PieceShape"], Changes.Piece>>,
  Holds<Misfits<Told["BackTestShape"], BackTests.BackTest>>,
  Holds<Misfits<Told["FilesShape"], Exchange.Files>>,
  Holds<Misfits<Told["ImportShape"], Exchange.Taking>>,
  Holds<Misfits<Told["PlannedShape"], Exchange.Planned>>,
  Holds<Misfits<Told["DryRunShape"], Dry.DryRun>>,
  Holds<Misfits<Told["AskedShape"], Dry.AskedOfWorld>>,
  Holds<Misfits<Told["ReplayedShape"], BackTests.Replayed>>,
  Holds<Misfits<Told["Problem"], T.Problem>>,
  Holds<Misfits<Told["CanaryShape"], T.Canary>>,
  Holds<Misfits<Told["RunMark"], Omit<T.RunSummary, "input">>>,
  Holds<Misfits<Told["RunListing"], T.RunPage>>,
  Holds<Misfits<Told["RunShape"], T.Run>>,
  Holds<Misfits<Told["StepShape"], Omit<T.RunStep, "port">>>,
  Holds<Misfits<Told["StepDetail"], Omit<T.StepDetail, "port">>>,
  Holds<Misfits<Told["EventShape"], T.RunEvent>>,
  Holds<Misfits<Told["MomentShape"], Past.Moment>>,
  Holds<Misfits<Told["ItemsShape"], Past.Items>>,
  Holds<Misfits<Told["RunPairShape"], Past.RunPair>>,
  Holds<Misfits<Told["StepPairShape"], Past.StepPair>>,
  Holds<Misfits<Told["NeighboursShape"], Past.Neighbours>>,
  Holds<Misfits<Told["CredentialShape"], T.Credential>>,
  Holds<Misfits<Told["WorkspaceMark"], T.Workspace>>,
  Holds<Misfits<Told["SessionShape"], Account.Session>>,
  Holds<Misfits<Told["TokenShape"], Account.Token>>,
  Holds<Misfits<Told["MemberShape"], Account.Member>>,
  Holds<Misfits<Told["InvitationShape"], Account.Invitation>>,
  Holds<Misfits<Told["JobShape"], Jobs.Job>>,
  Holds<Misfits<Told["JobResultShape"], Jobs.JobResult>>,
  Holds<Misfits<Told["CountsShape"], Jobs.Counts>>,
  Holds<Misfits<Told["KeptFilterShape"], Jobs.KeptFilter>>,
  Holds<Misfits<Told["PlayedShape"], Tests.Played>>,
  Holds<Misfits<Told["CaseShape"], Tests.PlayedCase>>,
  Holds<Misfits<Told["CoverageShape"], Tests.Coverage>>,
  Holds<Misfits<Told["PlaceShape"], Tests.Place>>,
  Holds<Misfits<Told["DestinationShape"], Outbox.Destination>>,
  Holds<Misfits<Told["FailedItemsShape"], Operations.FailedItems>>,
  Holds<Misfits<Told["DeliveryShape"], Outbox.Delivery>>,
  Holds<Misfits<Told["NodeSampleShape"], NodeSamples.NodeSample>>,
  Holds<Misfits<Told["PreviewShape"], Previews.ExpressionPreview>>,
  Holds<Misfits<Told["FaultShape"], Previews.Fault>>,
  Holds<Misfits<Told["EnvironmentShape"], Environments.Environment>>,
  Holds<Misfits<Told["StandingShape"], Environments.Standing>>,
  Holds<Misfits<Told["ProposalShape"], Environments.Proposal>>,
  Holds<Misfits<Told["PromotionShape"], Environments.Promotion>>,
  Holds<Misfits<Told["VariableShape"], Environments.VariableThere>>,
  Holds<Misfits<Told["Obstacle"], Environments.Obstacle>>,
  Holds<Misfits<Told["RollbackPreviewShape"], Environments.Foreseen>>,
  Holds<Misfits<Told["ReleaseShape"], Omit<T.Release, "evidence">>>,
  Holds<Misfits<Told["DeploymentShape"], Deployments.Deployment>>,
  Holds<Misfits<Told["FoundShape"], Search.Found>>,
  Holds<Misfits<Told["SampleShape"], Samples.Sample>>,
  Holds<Misfits<Told["WorkspaceShape"], Account.WorkspaceDetail>>,
];
