//! Keeps one token in memory: one fetch at a time, renewed early, the old one used while a renewal fails.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{TokenError, TokenSource};

/// How long before its end a token is renewed; one that lives less than twice as long is renewed at half its life.
const RENEWAL_LEAD: Duration = Duration::from_secs(5 * 60);
/// The pause after a failed fetch when the login service names none.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// The pause after a fetch that only a person can put right: such errors are not hammered.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(60);

/// Fetches a new token from wherever this kind of credential gets one.
#[async_trait]
pub(super) trait FetchToken: Send + Sync {
    /// Fetches a token, every time.
    async fn fetch(&self) -> Result<FetchedToken, TokenError>;
}

/// A token fresh from the login service.
pub(super) struct FetchedToken {
    /// The token.
    pub(super) token: SecretString,
    /// How long it is valid from the moment it was asked for.
    pub(super) lifetime: Duration,
}

/// A token source that remembers what `fetch` brought.
pub(super) struct CachedToken<F> {
    fetch: F,
    memory: Mutex<Memory>,
    /// Held by the one call that fetches.
    turn: tokio::sync::Mutex<()>,
}

impl<F: FetchToken> CachedToken<F> {
    pub(super) fn new(fetch: F) -> Self {
        Self { fetch, memory: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self) -> Step {
        self.memory().step(Instant::now())
    }
}

#[async_trait]
impl<F: FetchToken> TokenSource for CachedToken<F> {
    async fn token(&self) -> Result<SecretString, TokenError> {
        let _turn = match self.step() {
            Step::Use(token) => return Ok(token),
            Step::Fail(error) => return Err(error),
            Step::Fetch => self.turn.lock().await,
            Step::Renew(old) => match self.turn.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(old),
            },
        };
        // Another call may have fetched while this one waited for its turn.
        let old = match self.step() {
            Step::Use(token) => return Ok(token),
            Step::Fail(error) => return Err(error),
            Step::Fetch => None,
            Step::Renew(old) => Some(old),
        };
        let asked = Instant::now();
        match self.fetch.fetch().await {
            Ok(fetched) => {
                let token = fetched.token.clone();
                self.memory().keep(fetched, asked);
                Ok(token)
            }
            Err(error) => {
                self.memory().fail(error.clone(), Instant::now());
                old.ok_or(error)
            }
        }
    }

    fn reject(&self, token: &SecretString) {
        self.memory().forget(token);
    }
}

/// What is known about tokens. Its times come from the monotonic clock: the wall clock may jump.
#[derive(Default)]
struct Memory {
    held: Option<HeldToken>,
    failure: Option<Failure>,
}

struct HeldToken {
    token: SecretString,
    renew_at: Instant,
    expires_at: Instant,
}

struct Failure {
    error: TokenError,
    /// Nothing is fetched before this instant.
    until: Instant,
}

/// What a call that wants a token does next.
#[derive(Debug)]
enum Step {
    /// Take this one.
    Use(SecretString),
    /// Fetch a new one; this one is still good.
    Renew(SecretString),
    /// Fetch one.
    Fetch,
    /// Give up: the last fetch failed a moment ago.
    Fail(TokenError),
}

impl Memory {
    fn step(&self, now: Instant) -> Step {
        let failure = self.failure.as_ref().filter(|failure| now < failure.until);
        match (self.held.as_ref().filter(|held| now < held.expires_at), failure) {
            (Some(held), None) if now >= held.renew_at => Step::Renew(held.token.clone()),
            (Some(held), _) => Step::Use(held.token.clone()),
            (None, Some(failure)) => Step::Fail(failure.error.clone()),
            (None, None) => Step::Fetch,
        }
    }

    fn keep(&mut self, fetched: FetchedToken, asked: Instant) {
        let FetchedToken { token, lifetime } = fetched;
        let renew_after = lifetime.saturating_sub(RENEWAL_LEAD).max(lifetime / 2);
        self.held = Some(HeldToken { token, renew_at: asked + renew_after, expires_at: asked + lifetime });
        self.failure = None;
    }

    fn fail(&mut self, error: TokenError, now: Instant) {
        let usual = if error.is_permanent() { PAUSE_AFTER_REFUSAL } else { PAUSE_AFTER_FAILURE };
        let until = now + error.retry_after().unwrap_or(usual);
        self.failure = Some(Failure { error, until });
    }

    fn forget(&mut self, token: &SecretString) {
        self.held.take_if(|held| held.token.expose_secret() == token.expose_secret());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::super::Refusal;
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn holding(name: &str, lifetime: Duration, asked: Instant) -> Memory {
        let mut memory = Memory::default();
        memory.keep(FetchedToken { token: name.into(), lifetime }, asked);
        memory
    }

    fn told(memory: &Memory, now: Instant) -> String {
        match memory.step(now) {
            Step::Use(token) => format!("use {}", token.expose_secret()),
            Step::Renew(token) => format!("renew {}", token.expose_secret()),
            Step::Fetch => "fetch".into(),
            Step::Fail(error) => format!("fail: {error}"),
        }
    }

    fn unavailable() -> TokenError {
        let refusal = Refusal { status: 503, word: String::new(), aadsts: None };
        TokenError::Unavailable { refusal, retry_after: None }
    }

    #[test]
    fn a_token_is_renewed_five_minutes_early_or_at_half_its_life() {
        let start = Instant::now();
        let long = holding("t", 60 * MINUTE, start);
        assert_eq!(told(&long, start + 54 * MINUTE), "use t");
        assert_eq!(told(&long, start + 55 * MINUTE), "renew t");
        assert_eq!(told(&long, start + 60 * MINUTE), "fetch");
        let short = holding("t", 4 * MINUTE, start);
        assert_eq!(told(&short, start + MINUTE), "use t");
        assert_eq!(told(&short, start + 2 * MINUTE), "renew t");
    }

    #[test]
    fn the_old_token_serves_while_renewal_fails() {
        let start = Instant::now();
        let mut memory = holding("old", 60 * MINUTE, start);
        let failed = start + 56 * MINUTE;
        memory.fail(unavailable(), failed);
        assert_eq!(told(&memory, failed), "use old");
        assert_eq!(told(&memory, failed + PAUSE_AFTER_FAILURE), "renew old");
        memory.fail(unavailable(), start + 60 * MINUTE);
        assert!(told(&memory, start + 60 * MINUTE).starts_with("fail: the login service is not able"));
    }

    #[test]
    fn a_refusal_is_not_hammered() {
        let start = Instant::now();
        let mut memory = Memory::default();
        let refusal = Refusal { status: 401, word: "invalid_client".into(), aadsts: Some(7_000_215) };
        memory.fail(TokenError::Refused { refusal }, start);
        assert!(told(&memory, start + PAUSE_AFTER_REFUSAL / 2).starts_with("fail: the login service refused"));
        assert_eq!(told(&memory, start + PAUSE_AFTER_REFUSAL), "fetch");
    }

    #[test]
    fn only_the_rejected_token_is_forgotten() {
        let start = Instant::now();
        let mut memory = holding("new", 60 * MINUTE, start);
        memory.forget(&"old".into());
        assert_eq!(told(&memory, start), "use new");
        memory.forget(&"new".into());
        assert_eq!(told(&memory, start), "fetch");
    }

    /// Yields once within each fetch, so that the other calls get to wait; the first `failing` fetches fail.
    #[derive(Default)]
    struct Counting {
        fetches: AtomicU32,
        failing: u32,
    }

    #[async_trait]
    impl FetchToken for Counting {
        async fn fetch(&self) -> Result<FetchedToken, TokenError> {
            let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::task::yield_now().await;
            if number <= self.failing {
                return Err(unavailable());
            }
            Ok(FetchedToken { token: format!("t{number}").into(), lifetime: 60 * MINUTE })
        }
    }

    #[tokio::test]
    async fn a_hundred_calls_at_once_fetch_one_token() {
        let cached = CachedToken::new(Counting::default());
        let tokens = futures_util::future::join_all((0..100).map(|_| cached.token())).await;
        assert!(tokens.into_iter().all(|token| token.unwrap().expose_secret() == "t1"));
        assert_eq!(cached.fetch.fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_hundred_calls_at_once_share_one_failure() {
        let cached = CachedToken::new(Counting { failing: 1, ..Counting::default() });
        let tokens = futures_util::future::join_all((0..100).map(|_| cached.token())).await;
        assert!(tokens.iter().all(Result::is_err));
        assert_eq!(cached.fetch.fetches.load(Ordering::SeqCst), 1);
    }

    /// A source whose token `old` is due for renewal and still good.
    fn due_for_renewal(fetch: Counting) -> CachedToken<Counting> {
        let cached = CachedToken::new(fetch);
        let now = Instant::now();
        let held = HeldToken { token: "old".into(), renew_at: now, expires_at: now + 5 * MINUTE };
        cached.memory().held = Some(held);
        cached
    }

    #[tokio::test]
    async fn one_call_renews_while_the_others_use_the_old_token() {
        let cached = due_for_renewal(Counting::default());
        let tokens = futures_util::future::join_all((0..3).map(|_| cached.token())).await;
        let names: Vec<_> = tokens.iter().map(|token| token.as_ref().unwrap().expose_secret()).collect();
        assert_eq!(names, ["t1", "old", "old"]);
        assert_eq!(cached.token().await.unwrap().expose_secret(), "t1");
    }

    #[tokio::test]
    async fn a_failed_renewal_gives_the_old_token() {
        let cached = due_for_renewal(Counting { failing: 1, ..Counting::default() });
        assert_eq!(cached.token().await.unwrap().expose_secret(), "old");
        assert_eq!(cached.fetch.fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_rejected_token_is_fetched_anew() {
        let cached = CachedToken::new(Counting::default());
        let first = cached.token().await.unwrap();
        cached.reject(&first);
        assert_eq!(cached.token().await.unwrap().expose_secret(), "t2");
    }
}
