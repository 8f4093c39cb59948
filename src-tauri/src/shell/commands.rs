//! One doorway per operation of the interface `Api` in `ui/src/lib/api.ts`: call the core, hand back its
//! answer or its error. Nothing is decided here.

use std::path::Path;

use jiff::civil::Date;
use next_desktop::account::AccountStatus;
use next_desktop::activity::{ActivityEntry, ActivityKind, ActivityPage, ExportFormat};
use next_desktop::app::{
    AppInfo, Background, BulkOutcome, Check, ClaimAnswer, ClipReport, ClipWish, CloudListing, CopyReport,
    CopyWish, Disconnected, ExportReport, ExportWish, Filtered, FirstStart, HighlightDraft, HighlightPage,
    HighlightsWish, LineCorrection, NetworkTest, OpenedRecording, PlaceDraft, RecordingEdit, RecordingItem,
    RecordingLedger, RecordingPage, SavedSearch, SearchDraft, SearchWish, SecretsChoice, SpeakerName,
    TrashedRecording,
};
use next_desktop::auto_import::{
    AutoImportStatus, Backfill, DecidedRecording, InboxItem, PauseUntil, Rules, WhyNot,
};
use next_desktop::cache::CacheUse;
use next_desktop::catalog::{Highlight, HistoryEntry, Hits, PersonCount};
use next_desktop::delete_at_zoom::DeleteAfterImport;
use next_desktop::error::{UserError, UserResult};
use next_desktop::import::{Job, QueueState};
use next_desktop::ledger::{Repaired, Verification, VerifyReport};
use next_desktop::pins::{Pin, PinInfo};
use next_desktop::profile::{Profile, ProfileDraft};
use next_desktop::recording::RecordingId;
use next_desktop::settings::{ProxyDraft, ProxySettings, Settings, ZoomClient, ZoomClientDraft};
use next_desktop::teamspace::{Location, Member, TeamspaceInfo, Tested};
use tauri::{AppHandle, State};

use super::{Core, events, external, last_look};

/// Writes the doorways, `name(arguments) -> Answer = how the core is called`, and lists them for Tauri. On the
/// page's side arguments are in camel case.
macro_rules! doorways {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty = ($($given:expr),*);)*) => {
        $(
            #[tauri::command]
            async fn $name(core: State<'_, Core> $(, $argument: $type)*) -> UserResult<$answer> {
                core.app()?.$name($($given),*).await
            }
        )*

        /// Everything that the page may call.
        pub fn all() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name,)* keep_look, listening, open_external]
        }
    };
}

doorways! {
    app_info() -> AppInfo = ();
    dismiss_notice(code: String) -> () = (&code);
    use_secrets_store(choice: SecretsChoice) -> () = (choice);

    profile() -> Option<Profile> = ();
    first_start(answers: FirstStart) -> Profile = (answers);
    save_profile(draft: ProfileDraft) -> Profile = (draft);

    settings() -> Settings = ();
    save_settings(settings: Settings) -> () = (settings);

    background() -> Background = ();
    set_start_at_login(on: bool) -> Background = (on);

    proxy_settings() -> ProxySettings = ();
    save_proxy_settings(draft: ProxyDraft) -> ProxySettings = (draft);
    test_network(draft: Option<ProxyDraft>) -> NetworkTest = (draft);

    zoom_client() -> ZoomClient = ();
    save_zoom_client(draft: ZoomClientDraft) -> ZoomClient = (draft);
    remove_zoom_client() -> ZoomClient = ();

    account_status() -> AccountStatus = ();
    connect_zoom() -> AccountStatus = ();
    open_browser_again() -> () = ();
    cancel_connect() -> () = ();
    confirm_account(right: bool) -> AccountStatus = (right);
    resolve_claim(answer: ClaimAnswer) -> AccountStatus = (answer);
    disconnect_zoom() -> Disconnected = ();

    teamspaces() -> Vec<TeamspaceInfo> = ();
    add_teamspace(name: String, location: Location) -> TeamspaceInfo = (&name, location);
    test_place(draft: PlaceDraft) -> Tested = (draft);
    add_at(name: String, draft: PlaceDraft) -> TeamspaceInfo = (&name, draft);
    forget_teamspace(id: String) -> () = (&id);
    refresh_teamspace(id: String) -> TeamspaceInfo = (&id);
    members(teamspace: String) -> Vec<Member> = (&teamspace);

    start_verify(teamspace: String, restart: bool) -> () = (&teamspace, restart);
    stop_verify(teamspace: String) -> () = (&teamspace);
    verify_report(teamspace: String) -> Option<VerifyReport> = (&teamspace);
    repair_teamspace(teamspace: String) -> Repaired = (&teamspace);
    copy_teamspace(teamspace: String, draft: PlaceDraft, wish: CopyWish) -> CopyReport =
        (&teamspace, draft, wish);
    stop_copy(teamspace: String) -> () = (&teamspace);
    verify_recording(teamspace: String, recording_id: RecordingId) -> Verification =
        (&teamspace, &recording_id);
    recording_ledger(teamspace: String, recording_id: RecordingId) -> RecordingLedger =
        (&teamspace, &recording_id);

    delete_after_import() -> DeleteAfterImport = ();
    set_delete_after_import(on: bool, days: u32) -> DeleteAfterImport = (on, days);

    auto_import_status() -> AutoImportStatus = ();
    switch_on_auto_import(teamspace: String) -> AutoImportStatus = (&teamspace);
    switch_off_auto_import() -> AutoImportStatus = ();
    auto_import_rules() -> Rules = ();
    set_auto_import_rules(rules: Rules) -> Rules = (rules);
    auto_import_dry_run(days: u32, rules: Option<Rules>) -> Vec<DecidedRecording> = (days, rules);
    backfill_preview(from: Date, to: Date) -> Backfill = (from, to);
    backfill(from: Date, to: Date) -> Backfill = (from, to);
    check_now() -> AutoImportStatus = ();
    pause_auto_import(until: PauseUntil) -> AutoImportStatus = (until);
    resume_auto_import() -> AutoImportStatus = ();
    inbox() -> Vec<InboxItem> = ();
    keep_from_inbox(uuids: Vec<String>) -> u32 = (&uuids);
    discard_from_inbox(uuids: Vec<String>) -> u32 = (&uuids);
    why_not_imported(uuid: String) -> WhyNot = (&uuid);
    activity(query: String, kind: Option<ActivityKind>, from: Option<i64>, limit: u32) -> ActivityPage =
        (&query, kind, from, limit);
    activity_entry(id: i64) -> Option<ActivityEntry> = (id);
    export_activity(path: String, format: ExportFormat) -> () = (Path::new(&path), format);

    cloud_recordings(from: Date, to: Date) -> CloudListing = (from, to);
    import_recordings(teamspace: String, uuids: Vec<String>) -> Vec<Job> = (&teamspace, &uuids);
    look_for_late_files(teamspace: String, recording_id: RecordingId) -> Job = (&teamspace, &recording_id);
    import_file(teamspace: String, media: String, transcript: Option<String>) -> Job =
        (&teamspace, Path::new(&media), transcript.as_deref().map(Path::new));
    jobs() -> Vec<Job> = ();
    retry_job(id: i64) -> () = (id);
    retry_failed_jobs() -> Vec<i64> = ();
    pause_job(id: i64) -> () = (id);
    resume_job(id: i64) -> () = (id);
    cancel_job(id: i64) -> () = (id);
    cancel_all_jobs() -> Vec<i64> = ();
    queue_state() -> QueueState = ();
    pause_queue() -> () = ();
    resume_queue() -> () = ();
    clear_finished_jobs() -> () = ();

    search_for(wish: SearchWish) -> Hits = (wish);
    saved_searches() -> Vec<SavedSearch> = ();
    save_search(draft: SearchDraft) -> SavedSearch = (draft);
    rename_search(id: i64, name: String) -> SavedSearch = (id, &name);
    delete_search(id: i64) -> () = (id);

    recordings_page(teamspace: String, after: Option<i64>, limit: u32) -> RecordingPage =
        (&teamspace, after, limit);
    listed_recording(teamspace: String, recording_id: RecordingId) -> Option<RecordingItem> =
        (&teamspace, &recording_id);
    filter_recordings(teamspace: String, text: String) -> Filtered = (&teamspace, &text);
    people_in(teamspace: String) -> Vec<PersonCount> = (&teamspace);
    open_recording(teamspace: String, recording_id: RecordingId) -> OpenedRecording =
        (&teamspace, &recording_id);
    edit_recording(teamspace: String, recording_id: RecordingId, edit: RecordingEdit) -> () =
        (&teamspace, &recording_id, edit);
    edit_recordings(teamspace: String, recording_ids: Vec<RecordingId>, edit: RecordingEdit) -> BulkOutcome =
        (&teamspace, &recording_ids, edit);
    trash_recordings(teamspace: String, recording_ids: Vec<RecordingId>) -> BulkOutcome =
        (&teamspace, &recording_ids);
    restore_recordings(teamspace: String, recording_ids: Vec<RecordingId>) -> BulkOutcome =
        (&teamspace, &recording_ids);
    recording_history(teamspace: String, recording_id: RecordingId) -> Vec<HistoryEntry> =
        (&teamspace, &recording_id);
    correct_line(teamspace: String, recording_id: RecordingId, correction: LineCorrection) -> () =
        (&teamspace, &recording_id, correction);
    rename_speaker(teamspace: String, recording_id: RecordingId, speaker: String, name: Option<String>)
        -> Vec<SpeakerName> = (&teamspace, &recording_id, &speaker, name);
    name_speakers(teamspace: String, recording_id: RecordingId, names: Vec<SpeakerName>) -> () =
        (&teamspace, &recording_id, names);
    trash(teamspace: String) -> Vec<TrashedRecording> = (&teamspace);
    trash_recording(teamspace: String, recording_id: RecordingId) -> () = (&teamspace, &recording_id);
    restore_recording(teamspace: String, recording_id: RecordingId) -> () = (&teamspace, &recording_id);
    delete_recording_now(teamspace: String, recording_id: RecordingId) -> () = (&teamspace, &recording_id);
    save_position(teamspace: String, recording_id: RecordingId, seconds: f64) -> () =
        (&teamspace, &recording_id, seconds);
    save_poster(teamspace: String, recording_id: RecordingId, base64: String) -> () =
        (&teamspace, &recording_id, &base64);
    open_file(teamspace: String, recording_id: RecordingId, key: String) -> () =
        (&teamspace, &recording_id, &key);
    export_recordings(teamspace: String, wish: ExportWish) -> ExportReport = (&teamspace, wish);
    stop_export() -> () = ();
    show_exported(path: String) -> () = (&path);
    show_in_folder(teamspace: String, recording_id: RecordingId, key: String) -> () =
        (&teamspace, &recording_id, &key);

    highlights(wish: HighlightsWish) -> HighlightPage = (wish);
    recording_highlights(teamspace: String, recording_id: RecordingId) -> Vec<Highlight> =
        (&teamspace, &recording_id);
    add_highlight(teamspace: String, recording_id: RecordingId, draft: HighlightDraft) -> Highlight =
        (&teamspace, &recording_id, draft);
    change_highlight(teamspace: String, recording_id: RecordingId, id: String, draft: HighlightDraft) -> Highlight =
        (&teamspace, &recording_id, &id, draft);
    remove_highlight(teamspace: String, recording_id: RecordingId, id: String) -> () =
        (&teamspace, &recording_id, &id);
    restore_highlight(teamspace: String, recording_id: RecordingId, id: String) -> Highlight =
        (&teamspace, &recording_id, &id);
    clip_trouble() -> Option<UserError> = ();
    export_clips(wish: ClipWish) -> ClipReport = (wish);

    pins() -> Vec<PinInfo> = ();
    pin(pins: Vec<Pin>) -> () = (&pins);
    unpin(pins: Vec<Pin>) -> () = (&pins);
    cache_use() -> CacheUse = ();
    free_up_space() -> u64 = ();

    doctor() -> Vec<Check> = ();
}

/// The page hears events from now on.
#[tauri::command]
fn listening(app: AppHandle) {
    events::begin(&app);
}

/// Keeps how the library looks just now for the next start; with none, forgets it.
#[tauri::command]
async fn keep_look(core: State<'_, Core>, look: Option<String>) -> UserResult<()> {
    last_look::keep(core.app()?, look).await
}

/// Opens an address in the system's browser.
#[tauri::command(async)]
fn open_external(url: &str) -> UserResult<()> {
    external::open(url)
}
