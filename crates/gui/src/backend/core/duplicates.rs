//! Copies from the catalogue.

use std::path::Path;

use jiff::tz::TimeZone;
use videocatalog_core::clock::local_stamp;
use videocatalog_core::duplicates::plan::Planner;
use videocatalog_core::duplicates::{
    Job, NearDuplicates, NearFile, Reason, Thresholds, Wanted, ignore, near,
};
use videocatalog_core::info;

use super::CoreBackend;
use super::browse::picture;
use crate::backend::Trouble;
use crate::backend::browse::{Bitmap, Browse};
use crate::backend::duplicates::{Duplicates, Planned};
use crate::job::Running;

/// Groups that are shown; a library with more has other worries.
const MOST_GROUPS: usize = 10_000;

impl Duplicates for CoreBackend {
    fn near(
        &self,
        reason: Option<Reason>,
        running: &Running,
    ) -> Result<Option<NearDuplicates>, Trouble> {
        let catalog = self.writing().or_else(|_| self.reading())?;
        let wanted = Wanted {
            thresholds: Thresholds::from_settings(&self.home().loaded.settings.fingerprints),
            reason,
            least_score: 0.0,
            most: MOST_GROUPS,
            labels: &[],
        };
        let job = Job {
            compares: true,
            now_utc: &self.home().clock.now_utc(),
            cancel: &running.cancel,
            tell: &|done, all| {
                #[expect(clippy::cast_precision_loss, reason = "a bar")]
                let share = done as f32 / all.max(1) as f32;
                running.tell(format!("comparing {done} of {all}"), Some(share));
            },
        };
        near(&catalog, &wanted, &job).map_err(Into::into)
    }

    fn pictures(&self, files: &[NearFile]) -> Vec<Option<Bitmap>> {
        let Ok(catalog) = self.reading() else {
            return vec![None; files.len()];
        };
        let of = |file: &NearFile| {
            let drive = catalog.drive(&file.place.drive_label).ok()?;
            let path = Path::new(&file.place.rel_path);
            let info = info::of(&catalog, &drive, path, &[]).ok()?;
            picture(&catalog, &drive, &info)
        };
        files.iter().map(of).collect()
    }

    fn ignore(&self, one: &NearFile, other: &NearFile) -> Result<(), Trouble> {
        let catalog = self.writing()?;
        let drives = [one, other].map(|file| catalog.drive(&file.place.drive_label));
        let [first, second] = drives;
        let (first, second) = (first?, second?);
        let now_utc = self.home().clock.now_utc();
        let (first, second) = (
            (&first, &*one.place.rel_path),
            (&second, &*other.place.rel_path),
        );
        let hint = "scan the drive, and look for copies again";
        ignore(&catalog, first, second, false, &now_utc)
            .map(drop)
            .map_err(|error| Trouble::new(error, hint))
    }

    fn plan(&self, found: &NearDuplicates) -> Result<Planned, Trouble> {
        let catalog = self.reading()?;
        let planner = Planner::new(&catalog, catalog.drives()?, &[]);
        let clock = &self.home().clock;
        let plan = planner.of_near(found, &clock.now_utc())?;
        let stamp = local_stamp(clock.now_us(), &TimeZone::system());
        let folder = self.exports_folder()?.join(format!("duplicates_{stamp}"));
        let hint = "check that the working directory can be written, and that its drive has space";
        planner
            .write(&plan, &folder)
            .map_err(|error| Trouble::new(error, hint))?;
        Ok(Planned {
            folder,
            files: plan.files,
            bytes: plan.reclaimable_bytes,
        })
    }
}
