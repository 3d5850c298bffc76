//! What people on the host say, taken in by the desk: the same door as every other way. Who they are was written by
//! whoever may write to the state folder, and that is the folder's user only; which roles they have, the configuration
//! says here.

use std::time::Duration;

use gatehold_decide::obligation::Way;

use super::Desk;
use super::answer::{Answer, AnswerError, Answered, Choice, Outcome};
use super::files::{Given, Reply, Said};
use crate::mfa::Counted;

/// Characters of a reason.
const REASON_LENGTH_MAX: usize = 500;

impl Desk {
    /// Takes in the answers that lie in the desk's folder.
    pub(super) fn take_from_host(&self) {
        let Some(files) = &self.files else { return };
        for (number, given) in files.take_answers() {
            let reply = match self.take_given(&given) {
                Ok(text) => Reply { counted: true, text },
                Err(text) => Reply { counted: false, text },
            };
            files.reply(&number, &reply);
        }
    }

    /// Takes one answer in and says in a sentence what came of it.
    fn take_given(&self, given: &Given) -> Result<String, String> {
        // What was shown must be what waits: an answer to anything else is none.
        let shown = self.show(&given.hold).ok_or_else(|| AnswerError::Unknown.to_string())?;
        if shown.digest != given.digest {
            let fields = [("hold", &*given.hold), ("by", &given.by), ("way", "host"), ("why", "other_message")];
            // It is refused whether that can be recorded or not.
            let _unrecorded = self.ledger.lifecycle("hold_answer_refused", &fields);
            return Err(AnswerError::OtherMessage.to_string());
        }
        if let Said::Code(code) = &given.said {
            return match self.give_code_for(&given.hold, code) {
                Ok(Counted::Password) => Ok("the code counts".to_owned()),
                Ok(Counted::Recovery(left)) => Ok(format!("the recovery code counts; {left} are left")),
                Err(error) => Err(error.to_string()),
            };
        }
        let (choice, any_arguments) = match &given.said {
            Said::Once => (Choice::Once, false),
            Said::Session { any_arguments } => (Choice::Session, *any_arguments),
            Said::For { seconds, any_arguments } => (Choice::For(Duration::from_secs(*seconds)), *any_arguments),
            Said::Deny | Said::Code(_) => (Choice::Deny, false),
        };
        let answer = Answer {
            by: given.by.as_str().into(),
            roles: self.settings.people.roles_on_host(&given.by),
            way: Way::Host,
            choice,
            any_arguments,
            reason: given.reason.as_deref().map(|reason| reason.chars().take(REASON_LENGTH_MAX).collect()),
        };
        match self.answer(&given.hold, &answer) {
            Ok(Answered::Settled(Outcome::Approved { scope, .. })) => Ok(match (scope.session, scope.time) {
                (false, None) => "approved, this once".to_owned(),
                (true, _) => "approved, to the end of the session".to_owned(),
                (false, Some(time)) => format!("approved, for {} seconds", time.as_secs()),
            }),
            Ok(Answered::Settled(Outcome::Denied { .. })) => Ok("denied".to_owned()),
            Ok(Answered::Settled(Outcome::Expired)) => Err(AnswerError::Unknown.to_string()),
            Ok(Answered::Waiting(1)) => Ok("approved by you; one more person is needed".to_owned()),
            Ok(Answered::Waiting(count)) => Ok(format!("approved by you; {count} more people are needed")),
            Err(error) => Err(error.to_string()),
        }
    }
}
