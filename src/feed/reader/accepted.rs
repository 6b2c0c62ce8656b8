//! Takes the delivery that a person accepted.

use std::sync::Arc;

use crate::feed::archive::{self, Label};
use crate::feed::judge::{Judgement, judge_accepted_by_person};
use crate::feed::source::UNREADABLE;
use crate::feed::{Verdict, acceptance};
use crate::store::{Acceptance, DeliveryRecord, FeedState, StoreError};

use super::{Look, blocking, told};

impl Look<'_> {
    /// Puts in force what a person accepted, if it is still the latest delivery and the feed's document is the same.
    pub(super) async fn take_accepted(&mut self) -> Result<(), StoreError> {
        let state = self.state().await?;
        let is_meant = |acceptance: &&Acceptance, delivery: &DeliveryRecord| {
            acceptance.digest == delivery.digest
                && acceptance.feed_hash == delivery.feed_hash
                && acceptance.feed_hash == self.feed.hash.as_str()
        };
        let Some(delivery) = acceptance::latest(&state).cloned() else { return Ok(()) };
        let Some(acceptance) = state.acceptance.clone().filter(|acceptance| is_meant(&acceptance, &delivery)) else {
            return Ok(());
        };
        if state.last_refused.is_some() {
            return self.take_refused(delivery, acceptance, state).await;
        }
        // It is in force but for removals.
        let persons = state.persons;
        let record = DeliveryRecord {
            verdict: Verdict::Accepted.word().to_owned(),
            why: None,
            accepted_by: Some(acceptance.by),
            ..delivery
        };
        self.keep_record(&record, Some(&persons)).await?;
        let judgement = Judgement { rows: record.rows, left_out: record.left_out, ..Judgement::accepted() };
        self.report(record.file, record.digest, judgement, None);
        Ok(())
    }

    async fn take_refused(
        &mut self,
        refused: DeliveryRecord,
        acceptance: Acceptance,
        state: FeedState,
    ) -> Result<(), StoreError> {
        let (folders, digest) = (self.quarantined(), refused.digest.clone());
        let find = move || folders.iter().find_map(|folder| archive::find_refused(folder, &digest));
        let Ok(Some(bytes)) = blocking(find).await else {
            let why = "a person accepted it, but its bytes are no longer in quarantine; deliver it again".to_owned();
            let judgement = Judgement::refused(UNREADABLE, why);
            let record = DeliveryRecord { verdict: UNREADABLE.to_owned(), judged: self.now, ..refused };
            self.keep_record(&record, None).await?;
            self.report(record.file, record.digest, judgement, None);
            return Ok(());
        };
        let bytes = Arc::new(bytes);
        let (feed, now, judged) = (self.feed.clone(), self.now, Arc::clone(&bytes));
        let judgement = blocking(move || judge_accepted_by_person(&judged, &feed, &state, now))
            .await
            .unwrap_or_else(|error| Judgement::refused(UNREADABLE, error.to_string()));
        let record = DeliveryRecord {
            rows: judgement.rows,
            left_out: judgement.left_out,
            header: judgement.header.clone(),
            judged: self.now,
            verdict: judgement.verdict.word().to_owned(),
            why: judgement.verdict.why().map(str::to_owned),
            accepted_by: Some(acceptance.by).filter(|_| judgement.verdict.is_accepted()),
            ..refused
        };
        self.keep_record(&record, judgement.persons.as_deref()).await?;
        let trouble = self.keep_accepted(&record, &judgement.verdict, bytes).await.err();
        self.report(record.file, record.digest, judgement, trouble);
        Ok(())
    }

    async fn keep_accepted(
        &self,
        record: &DeliveryRecord,
        verdict: &Verdict,
        bytes: Arc<Vec<u8>>,
    ) -> Result<(), String> {
        if self.reader.previews || !verdict.is_accepted() {
            return Ok(());
        }
        let (folder, judged, verdict) = (self.archive(), self.now, verdict.clone());
        let (digest, file) = (record.digest.clone(), record.file.clone());
        let kept = blocking(move || {
            archive::keep(&folder, &Label { judged, digest: &digest, verdict: &verdict, name: &file }, &bytes)
        });
        told(kept.await)
    }
}
