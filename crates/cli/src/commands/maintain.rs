//! `maintain`, and the older program's `--maint-action`.

use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::backups::Backup;
use videocatalog_core::maintain::{
    self, Action, MaintainError, Options, Outcome, Places, Salvaged, Status, Surroundings, Target,
    TargetError,
};
use videocatalog_core::path::display::{printable, printable_path};

use super::print_json;
use crate::args::{MaintainAction, MaintainTarget};
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::signal;
use crate::table::{self, Align};

pub(crate) fn maintain(context: &Context, action: MaintainAction) -> Result<(), Failure> {
    match action {
        MaintainAction::Quick(target) => act(context, Action::Quick, &target, false),
        MaintainAction::Integrity(target) => act(context, Action::Integrity, &target, false),
        MaintainAction::Full { target, force } => act(context, Action::Full, &target, force),
        MaintainAction::Vacuum { target, force } => act(context, Action::Vacuum, &target, force),
        MaintainAction::Backup(target) => act(context, Action::Backup, &target, false),
        MaintainAction::Restore {
            backup,
            target,
            force,
        } => restore(context, backup.as_deref(), &target, force),
        MaintainAction::Salvage { target, yes } => salvage(context, &target, yes),
    }
}

/// `scan-drive --maint-action`: the same, but a target that is not there is exit code 1.
pub(crate) fn documented(
    context: &Context,
    action: Action,
    target: &str,
    force: bool,
) -> Result<(), Failure> {
    const NO_TARGET: i32 = 1;
    let none = |message: String, hint: String| Failure::new(NO_TARGET, message, hint);
    let targets = resolve(context, target)
        .map_err(|error: TargetError| none(error.to_string(), error.hint()))?;
    if targets.is_empty() {
        return Err(none(
            "there is no database to look after".into(),
            "no drive was scanned yet".into(),
        ));
    }
    let outcomes = run(context, action, &targets, force);
    print_outcomes(context, &outcomes);
    verdict(&outcomes, NO_TARGET)
}

fn act(
    context: &Context,
    action: Action,
    target: &MaintainTarget,
    force: bool,
) -> Result<(), Failure> {
    let targets = resolve(context, &target.target)?;
    if targets.is_empty() {
        return Err(Failure::usage(
            "there is no shard yet",
            "scan a drive first: `videocatalog scan --label NAME --mount FOLDER`",
        ));
    }
    let outcomes = run(context, action, &targets, force);
    if target.output.json {
        print_json(&json!({
            "action": action.name(),
            "target": target.target,
            "results": outcomes,
            "reclaimed_bytes": reclaimed(&outcomes),
        }))?;
        complain(context, &outcomes);
    } else {
        print_outcomes(context, &outcomes);
    }
    verdict(&outcomes, code::EXPORT)
}

fn resolve(context: &Context, text: &str) -> Result<Vec<Target>, TargetError> {
    maintain::resolve(
        text,
        &Places {
            workdir: &context.workdir,
            catalog_db: context.catalog_path(),
            environment: &context.environment,
        },
    )
}

/// Does it with each database and notes in the settings that it was done.
fn run(context: &Context, action: Action, targets: &[Target], force: bool) -> Vec<Outcome> {
    let options = Options {
        force,
        ..Options::from_settings(&context.loaded.settings)
    };
    let outcomes = with_surroundings(context, |outside| {
        maintain::run(action, targets, &options, outside)
    });
    let was_done = |outcome: &&Outcome| matches!(outcome.status, Status::Done | Status::Damaged);
    if outcomes.iter().filter(was_done).count() > 0 {
        let sound = outcomes
            .iter()
            .all(|outcome| outcome.status != Status::Damaged);
        let noted = maintain::note_run(
            &context.workdir,
            &context.environment,
            context.clock.as_ref(),
            (action == Action::Integrity).then_some(sound),
        );
        if let Err(error) = noted {
            context.warn(&error.to_string());
        }
    }
    outcomes
}

/// Shows what is under way on a terminal, and lets Ctrl+C stop it.
fn with_surroundings<T>(context: &Context, work: impl FnOnce(&Surroundings<'_>) -> T) -> T {
    let cancel: CancelToken = signal::cancel_on_interrupt();
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.enable_steady_tick(Duration::from_millis(250));
    let done = work(&Surroundings {
        workdir: &context.workdir,
        clock: context.clock.as_ref(),
        cancel: &cancel,
        progress: &|database, step| bar.set_message(format!("{database}: {}", step.doing())),
    });
    bar.finish_and_clear();
    done
}

fn print_outcomes(context: &Context, outcomes: &[Outcome]) {
    for outcome in outcomes {
        let text = outcome.sentence();
        context.log.line(&text);
        table::line(format_args!("{text}"));
        for issue in outcome.integrity.iter().flat_map(|found| &found.issues) {
            table::line(format_args!("  {}", printable(issue.as_bytes())));
        }
        if let Some(more) = outcome.integrity.as_ref().and_then(|found| {
            let shown = found.issues.len() as u64;
            found
                .issue_count
                .checked_sub(shown)
                .filter(|&more| more > 0)
        }) {
            table::line(format_args!("  and {} more", table::count(more)));
        }
    }
    let total = reclaimed(outcomes);
    if total > 0 {
        table::line(format_args!("Total reclaimed: {}", table::size(total)));
    }
    complain(context, outcomes);
}

/// What went wrong, with what to do about it, on stderr.
fn complain(context: &Context, outcomes: &[Outcome]) {
    for outcome in outcomes {
        if let (Some(error), true) = (&outcome.error, outcome.status != Status::Stopped) {
            eprintln!("error: {}: {error}", outcome.database);
            context.log.line(&format!("{}: {error}", outcome.database));
            if let Some(hint) = &outcome.hint {
                eprintln!("hint: {hint}");
            }
        }
    }
}

fn reclaimed(outcomes: &[Outcome]) -> u64 {
    outcomes.iter().map(Outcome::reclaimed_bytes).sum()
}

fn name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| printable_path(Path::new(name)))
}

/// Damage comes before failures: it needs somebody to act.
fn verdict(outcomes: &[Outcome], missing: i32) -> Result<(), Failure> {
    let any = |status| outcomes.iter().any(|outcome| outcome.status == status);
    if any(Status::Stopped) {
        return Err(Failure::stopped());
    }
    let code = if any(Status::Damaged) {
        code::DAMAGED
    } else if any(Status::Failed) || any(Status::Refused) {
        code::EXPORT
    } else if any(Status::Missing) {
        missing
    } else {
        return Ok(());
    };
    let hint = if code == code::DAMAGED {
        "bring a backup back with `videocatalog maintain restore latest --target …`, or read out a shard with `videocatalog maintain salvage`"
    } else {
        ""
    };
    Err(Failure::new(code, "", hint))
}

/// The one database that is meant.
fn single(context: &Context, text: &str) -> Result<Target, Failure> {
    let mut targets = resolve(context, text)?;
    match (targets.pop(), targets.is_empty()) {
        (Some(target), true) => Ok(target),
        _ => Err(Failure::usage(
            format!("`{}` is not one database", printable(text.as_bytes())),
            "name one: `--target catalog` or `--target shard:LABEL`",
        )),
    }
}

fn restore(
    context: &Context,
    backup: Option<&Path>,
    target: &MaintainTarget,
    force: bool,
) -> Result<(), Failure> {
    let database = single(context, &target.target)?;
    let Some(backup) = backup else {
        return list(context, &database, target.output.json);
    };
    // A path is meant from here, a bare name from the folder of backups.
    let absolute = context.environment.absolute(backup);
    let which = if absolute.is_file() {
        absolute
    } else {
        backup.to_path_buf()
    };
    let (restored, stopped) = with_surroundings(context, |outside| {
        let restored = maintain::restore(&database, &which, force, outside);
        (restored, outside.cancel.is_cancelled())
    });
    let restored = match restored {
        Err(_) if stopped => return Err(Failure::stopped()),
        restored => restored?,
    };
    note(context);
    for reason in &restored.passed_over {
        context.warn(&format!("passed over: {reason}"));
    }
    context.log.line(&format!(
        "{}: restored from `{}`",
        restored.database,
        printable_path(&restored.backup)
    ));
    if target.output.json {
        return print_json(&restored);
    }
    table::line(format_args!(
        "{}: restored from {}",
        restored.database,
        name(&restored.backup)
    ));
    print_kept(restored.replaced.as_deref());
    Ok(())
}

fn note(context: &Context) {
    let noted = maintain::note_run(
        &context.workdir,
        &context.environment,
        context.clock.as_ref(),
        None,
    );
    if let Err(error) = noted {
        context.warn(&error.to_string());
    }
}

fn print_kept(replaced: Option<&Path>) {
    if let Some(kept) = replaced {
        table::line(format_args!(
            "  what was there is kept as {}",
            printable_path(kept)
        ));
    }
}

fn list(context: &Context, database: &Target, as_json: bool) -> Result<(), Failure> {
    let backups = maintain::backups_of(database, &context.workdir.backups());
    if as_json {
        return print_json(&json!({"database": database.name, "backups": backups}));
    }
    let rows: Vec<Vec<String>> = backups
        .iter()
        .map(|backup| {
            vec![
                backup.made_utc.clone().unwrap_or_else(|| "?".into()),
                table::size(backup.size_bytes),
                printable(backup.tag.as_bytes()).into_owned(),
                kind(backup),
                name(&backup.path),
            ]
        })
        .collect();
    let headings = [
        ("MADE", Align::Left),
        ("SIZE", Align::Right),
        ("TAG", Align::Left),
        ("DRIVE", Align::Left),
        ("FILE", Align::Left),
    ];
    table::print(&headings, &rows);
    Ok(())
}

fn kind(backup: &Backup) -> String {
    use videocatalog_core::catalog::identify::Identity;
    match &backup.identity {
        Some(Identity::Catalog { .. }) => "the catalogue".into(),
        Some(Identity::Shard { drive_label, .. }) => drive_label.as_deref().map_or_else(
            || "?".into(),
            |label| printable(label.as_bytes()).into_owned(),
        ),
        Some(Identity::Legacy) => "of the older program".into(),
        Some(Identity::Empty | Identity::Foreign) | None => "cannot be used".into(),
    }
}

fn salvage(context: &Context, target: &MaintainTarget, yes: bool) -> Result<(), Failure> {
    let database = single(context, &target.target)?;
    let options = Options::from_settings(&context.loaded.settings);
    let (salvaged, stopped) = with_surroundings(context, |outside| {
        let salvaged: Result<Salvaged, MaintainError> =
            maintain::salvage(&database, yes, &options, outside);
        (salvaged, outside.cancel.is_cancelled())
    });
    let salvaged = match salvaged {
        Err(_) if stopped => return Err(Failure::stopped()),
        salvaged => salvaged?,
    };
    note(context);
    if target.output.json {
        return print_json(&salvaged);
    }
    let rows: Vec<Vec<String>> = salvaged
        .tables
        .iter()
        .filter(|table| table.rows > 0 || !table.is_whole())
        .map(|table| {
            vec![
                table.table.clone(),
                table::count(table.rows),
                table::count(table.rebuilt),
                table::count(table.refused),
                table.lost_at_most.map_or_else(|| "?".into(), table::count),
            ]
        })
        .collect();
    let headings = [
        ("TABLE", Align::Left),
        ("ROWS", Align::Right),
        ("FROM INDEXES", Align::Right),
        ("REFUSED", Align::Right),
        ("LOST AT MOST", Align::Right),
    ];
    table::print(&headings, &rows);
    if salvaged.in_place {
        table::line(format_args!(
            "{}: {} files salvaged; a scan of the drive fills in what is missing",
            salvaged.database,
            table::count(salvaged.files())
        ));
        print_kept(salvaged.replaced.as_deref());
    } else {
        table::line(format_args!(
            "{}: {} files can be salvaged; nothing was changed, say `--yes` to put them in place",
            salvaged.database,
            table::count(salvaged.files())
        ));
    }
    Ok(())
}
