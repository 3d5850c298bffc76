//! The phrase rules: sequences of classes of words with gaps between them, and how much each is worth in metadata, in
//! outputs, and in arguments. 100 is certain; a rule alone is a finding from 60 on; weaker rules add up.

/// What a rule is about; with the kind of the text this decides the id of the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Orders to the model, in any form.
    Instruction,
    /// Instructions that spread or stay.
    Persistence,
    /// One tool speaks about another one's work.
    Shadowing,
    /// A parameter asks for what the model was told.
    Harvest,
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, unique, for exceptions in policy.
    pub name: &'static str,
    /// What it is about.
    pub topic: Topic,
    /// Its worth in metadata, outputs and arguments.
    pub worth: [u8; 3],
    /// Classes in order, `~n` for at most n other words between, `A|B` for either, `A&B` for a word of both, `A^B` for
    /// one of A that is not of B. In braces: in any order, at most
    /// `~n` words from first to last. After `!`: not where one of these stands up to four words before or within.
    pub pattern: &'static str,
    /// What it says, in a sentence.
    pub says: &'static str,
}

const fn rule(name: &'static str, topic: Topic, worth: [u8; 3], pattern: &'static str, says: &'static str) -> Rule {
    Rule { name, topic, worth, pattern, says }
}

pub mod foreign;

use Topic::{Harvest, Instruction, Persistence, Shadowing};

/// All rules.
pub const RULES: &[Rule] = &[
    // Setting earlier instructions aside.
    rule(
        "override-prior",
        Instruction,
        [95, 90, 90],
        "IGNORE^SOFT ~3 PRIOR ~2 ORDER",
        "orders the reader to set earlier instructions aside",
    ),
    rule(
        "override-previous",
        Instruction,
        [95, 90, 90],
        "IGNORE&SOFT ~3 PRIOR^SOFT ~2 ORDER",
        "orders the reader to set earlier instructions aside",
    ),
    // Programs do this with messages and settings, too.
    rule(
        "override-system",
        Instruction,
        [90, 50, 90],
        "IGNORE&SOFT ~3 PRIOR&SOFT ~2 ORDER",
        "orders the reader to set earlier instructions aside",
    ),
    rule(
        "override-order-prior",
        Instruction,
        [90, 80, 85],
        "IGNORE^SOFT ~3 ORDER ~3 PRIOR",
        "orders the reader to set earlier instructions aside",
    ),
    rule(
        "override-order-soft",
        Instruction,
        [90, 55, 85],
        "IGNORE&SOFT ~3 ORDER ~3 PRIOR",
        "orders the reader to set earlier instructions aside",
    ),
    rule(
        "override-yours",
        Instruction,
        [90, 80, 85],
        "IGNORE ~2 YOUR ~2 ORDER",
        "orders the reader to set its instructions aside",
    ),
    rule(
        "regardless",
        Instruction,
        [60, 60, 60],
        "REGARDLESS ~1 YOUR ~2 ORDER|LIMITS",
        "orders the reader to set its instructions aside",
    ),
    rule(
        "override-everything",
        Instruction,
        [90, 75, 80],
        "IGNORE ~1 EVERYTHING ~2 PRIOR",
        "orders the reader to forget what came before",
    ),
    rule("override-void", Instruction, [90, 80, 85], "PRIOR ~1 ORDER ~3 VOID", "declares earlier instructions void"),
    rule(
        "override-instead",
        Instruction,
        [70, 55, 70],
        "IGNORE ~6 ORDER ~8 INSTEAD",
        "replaces instructions by others",
    ),
    rule(
        "override-user",
        Instruction,
        [85, 80, 60],
        "IGNORE ~2 USER ~2 TASK|ORDER",
        "orders the reader to set the user's request aside",
    ),
    rule(
        "precedence",
        Instruction,
        [65, 55, 55],
        "ORDER|NEWTASK ~8 PRECEDENCE ~8 PRIOR|ORDER|EVERYTHING",
        "claims to stand above other instructions",
    ),
    rule(
        "new-task-is",
        Instruction,
        [60, 50, 55],
        "NEWTASK ~3 ANSWER|INSTEAD|SEND|IGNORE|REVEAL",
        "gives the reader a new task",
    ),
    rule(
        "new-task-prior",
        Instruction,
        [70, 65, 65],
        "IGNORE|STOP ~10 NEWTASK^SOFT",
        "replaces the task at hand by another",
    ),
    rule(
        "stop-task",
        Instruction,
        [60, 55, 55],
        "STOP ~3 YOU|YOUR ~3 TASK|ORDER ~6 INSTEAD",
        "breaks off the task at hand",
    ),
    rule(
        "ignore-and-say",
        Instruction,
        [60, 45, 65],
        "IGNORE ~5 PRIOR|EVERYTHING|ORDER ~4 ANSWER|INSTEAD",
        "sets something aside and dictates the answer",
    ),
    rule("just-say", Instruction, [30, 25, 30], "INSTEAD ~4 ANSWER", "dictates an answer"),
    rule(
        "from-now-on",
        Instruction,
        [45, 40, 45],
        "FROMNOW ~3 YOU|YOUARE ~6 ANSWER|MUST|ACTAS|NOT",
        "changes how the reader shall behave from now on",
    ),
    // Roles without rules.
    rule(
        "persona-now",
        Instruction,
        [90, 85, 85],
        "YOUARE ~8 PERSONA|NOLIMITS|FREEOF",
        "gives the reader a role without rules",
    ),
    rule("persona-plain", Instruction, [55, 45, 50], "YOUARE ~2 AI|ACTAS|YOU", "changes who the reader is"),
    rule(
        "persona-act",
        Instruction,
        [75, 70, 75],
        "ACTAS ~12 PERSONA|NOLIMITS|FREEOF",
        "asks the reader to play a role without rules",
    ),
    rule("persona-act-plain", Instruction, [25, 20, 25], "ACTAS ~6 AI|YOU|USER", "asks the reader to play a role"),
    rule("mode", Instruction, [80, 75, 80], "MODE ~4 ENABLED", "claims that a special mode is on"),
    rule("mode-enter", Instruction, [80, 75, 80], "ENABLED ~3 MODE", "asks for a special mode"),
    rule("mode-soft", Instruction, [45, 45, 55], "MODESOFT ~4 ENABLED", "claims that a special mode is on"),
    rule("mode-soft-enter", Instruction, [35, 30, 55], "ENABLED ~3 MODESOFT", "asks for a special mode"),
    rule(
        "mode-soft-you",
        Instruction,
        [60, 60, 60],
        "YOU|AI|YOUARE|FROMNOW ~5 MODESOFT",
        "speaks of a special mode of the reader",
    ),
    rule("mode-you", Instruction, [60, 55, 60], "YOU ~5 MODE", "speaks of a special mode of the reader"),
    rule("no-limits", Instruction, [60, 45, 60], "AI|YOU|ANSWER|YOUARE ~8 NOLIMITS", "frees the reader from its rules"),
    rule("free-of", Instruction, [70, 60, 70], "FREEOF ~4 LIMITS", "frees the reader from its rules"),
    rule("no-limits-list", Instruction, [50, 40, 50], "NOLIMITS ~6 LIMITS", "frees the reader from its rules"),
    rule(
        "never-refuse",
        Instruction,
        [55, 45, 55],
        "NOT|MUST ~3 REFUSE ~8 TASK|ANSWER|ORDER|USER|ACTAS|YOU",
        "forbids the reader to refuse",
    ),
    rule("stop-refusing", Instruction, [55, 45, 55], "STOP|NOT ~1 REFUSE", "forbids the reader to refuse"),
    rule(
        "persona-name",
        Instruction,
        [40, 35, 40],
        "PERSONA ~6 AI|MODE|LIMITS|NOLIMITS",
        "speaks of a reader without rules",
    ),
    rule("persona-ai", Instruction, [40, 35, 40], "AI ~4 PERSONA|NOLIMITS", "speaks of a reader without rules"),
    // Showing what the reader was told.
    rule(
        "extract-prompt",
        Instruction,
        [80, 70, 80],
        "REVEAL ~5 SYSPROMPT^SOFT",
        "asks for the reader's hidden instructions",
    ),
    // Code and manuals of programs with models speak of these, unless they are "yours".
    rule("extract-system-prompt", Instruction, [80, 45, 80], "REVEAL ~5 SYSPROMPT&SOFT", "asks for a system prompt"),
    rule(
        "extract-its-prompt",
        Instruction,
        [0, 70, 0],
        "REVEAL ~4 YOUR ~2 SYSPROMPT&SOFT",
        "asks for the reader's hidden instructions",
    ),
    rule(
        "extract-above",
        Instruction,
        [70, 55, 75],
        "REPEAT ~2 EVERYTHING|ORDER ~2 PRIOR",
        "asks for the text before this one",
    ),
    rule(
        "extract-given",
        Instruction,
        [50, 0, 70],
        "REVEAL|REFORM|REPEAT ~5 GIVEN",
        "asks for what the reader was told before",
    ),
    rule("extract-restated", Instruction, [60, 50, 70], "REFORM ~3 SYSPROMPT", "asks for the reader's instructions"),
    // Hiding.
    rule("conceal", Instruction, [85, 70, 60], "NOT ~1 TELL ~4 USER", "asks to keep something from the user"),
    rule("conceal-this", Instruction, [65, 50, 45], "NOT ~1 TELL ~2 THISTEXT", "asks to keep something unsaid"),
    rule(
        "conceal-that",
        Instruction,
        [60, 40, 35],
        "NOT ~1 TELL ~2 YOU ~3 READ|SEND|RUN|INCLUDE",
        "asks to keep something unsaid",
    ),
    rule(
        "conceal-knowledge",
        Instruction,
        [75, 50, 60],
        "WITHOUT ~3 USER ~2 KNOWING",
        "acts without the user's knowledge",
    ),
    rule(
        "conceal-telling",
        Instruction,
        [75, 65, 60],
        "WITHOUT ~1 KNOWING|TELL ~3 USER",
        "acts without telling the user",
    ),
    rule("secretly", Instruction, [75, 50, 50], "SECRETLY ~3 SEND|RUN|INCLUDE|IGNORE|GATHER", "acts in secret"),
    rule("hidden-send", Instruction, [65, 40, 40], "SEND|INCLUDE|GATHER ~8 SECRETLY", "acts in secret"),
    rule("secretly-read", Instruction, [75, 50, 50], "SECRETLY ~0 READ", "reads in secret"),
    // Words to a model.
    rule(
        "to-the-model",
        Instruction,
        [35, 40, 35],
        "URGENT|NEWTASK ~4 AI",
        "addresses the model behind the reader's back",
    ),
    rule(
        "model-must",
        Instruction,
        [35, 30, 25],
        "AI ~4 MUST ~4 SEND|IGNORE|ANSWER|RUN|REVEAL|READ",
        "gives the model orders",
    ),
    rule(
        "tagged-must",
        Instruction,
        [75, 60, 50],
        "TAGGED ~12 MUST|IGNORE|NOT ~12 READ|SEND|TELL|REVEAL|INCLUDE|IGNORE|RUN|ANSWER",
        "gives orders in a block made to look like the system's",
    ),
    rule(
        "tagged-orders",
        Instruction,
        [70, 55, 55],
        "TAGGED ~6 YOUARE|IGNORE|NEWTASK|FROMNOW|SENSITIVE|SENSFILE|MODE",
        "gives orders in a block made to look like the system's",
    ),
    rule(
        "addressed-deed",
        Instruction,
        [55, 65, 45],
        "ADDRESSED ~9 DEED|SEND !KEEP",
        "gives orders to a model that reads",
    ),
    rule("bound-deed", Instruction, [40, 55, 40], "BOUND ~8 DEED|SEND", "demands something of models that read"),
    rule("called-deed", Instruction, [20, 40, 20], "CALLED ~6 DEED|SEND", "gives orders to an agent"),
    rule(
        "addressed-hush",
        Instruction,
        [65, 70, 55],
        "{ADDRESSED|BOUND HUSH}~30",
        "gives orders to a model and hides it",
    ),
    rule("called-hush", Instruction, [50, 60, 45], "{CALLED HUSH}~24", "gives orders to an agent and hides it"),
    rule("addressed", Instruction, [30, 45, 30], "ADDRESSED", "speaks to a model that reads"),
    rule("bound", Instruction, [20, 35, 25], "BOUND", "speaks of what models that read must do"),
    rule("owner-deed", Instruction, [25, 30, 25], "OWNER ~10 DEED|SEND|SENSITIVE", "speaks of the user to a model"),
    rule("deed-owner", Instruction, [25, 30, 25], "DEED|SEND ~6 OWNER", "speaks of the user to a model"),
    rule("owner", Instruction, [15, 25, 15], "OWNER", "speaks of the user to a model"),
    rule("focus-new", Instruction, [60, 70, 65], "FOCUS ~6 NEWTASK|THISTEXT", "turns the reader to other instructions"),
    rule("hush", Instruction, [15, 20, 15], "HUSH", "wants something done unseen"),
    rule("consent", Instruction, [15, 25, 15], "CONSENT", "says that the user has agreed"),
    rule("urgent-must", Instruction, [40, 40, 30], "URGENT ~4 YOU ~2 MUST", "presses the reader"),
    rule(
        "tagged-if",
        Instruction,
        [40, 0, 0],
        "TAGGED ~16 SENSITIVE|CONVERSATION|USER ~16 RUN|INCLUDE|SEND|NOT",
        "gives orders in a block made to look like the system's",
    ),
    rule(
        "pretext",
        Instruction,
        [50, 45, 45],
        "PRETEXT ~12 ANSWER|REVEAL|INCLUDE|MUST|SYSPROMPT|YOU",
        "gives a pretext for an order",
    ),
    rule("urgent-task", Instruction, [60, 55, 60], "URGENT ~1 NEWTASK", "gives the reader a new task"),
    rule("if-asked", Instruction, [60, 65, 55], "IFASKED ~14 INSTEAD", "replaces what the user will ask for"),
    rule(
        "if-asked-must",
        Instruction,
        [45, 55, 45],
        "IFASKED ~14 MUST|NOT ~8 INCLUDE|SEND|ANSWER|TELL",
        "changes what the user will be answered",
    ),
    rule("in-your-answer", Instruction, [40, 50, 35], "INCLUDE ~3 YOURANSWER", "dictates what the answer contains"),
    rule("your-answer-must", Instruction, [35, 40, 30], "YOURANSWER ~4 MUST|INCLUDE|NOT", "dictates the answer"),
    rule("pretext-alone", Instruction, [30, 30, 25], "PRETEXT", "gives a pretext"),
    // Taking and sending.
    rule(
        "send-secret",
        Instruction,
        [75, 0, 0],
        "SEND ~8 SENSITIVE|SENSFILE ~12 EXTERNAL|SEND !NO",
        "sends secrets away",
    ),
    rule(
        "read-secret-send",
        Instruction,
        [80, 0, 0],
        "READ|GATHER ~8 SENSITIVE|SENSFILE ~14 SEND|EXTERNAL !NO",
        "reads secrets and sends them away",
    ),
    rule(
        "read-secret-include",
        Instruction,
        [70, 0, 0],
        "READ|GATHER|RUN ~8 SENSITIVE|SENSFILE ~12 INCLUDE !NO",
        "reads secrets and hands them on",
    ),
    rule(
        "include-secret",
        Instruction,
        [62, 0, 0],
        "INCLUDE ~4 YOUR|WHOLE|USER|EVERYTHING ~4 SENSITIVE|SENSFILE !NO",
        "hands secrets on",
    ),
    rule(
        "secret-as-parameter",
        Instruction,
        [58, 0, 0],
        "READ|CONTENT|MUST|INCLUDE ~4 SENSITIVE|SENSFILE|CONVERSATION ~8 PARAMETER !NO",
        "puts secrets into a parameter",
    ),
    rule(
        "content-as-parameter",
        Instruction,
        [55, 0, 0],
        "INCLUDE ~3 CONTENT ~4 PARAMETER",
        "puts content into a parameter",
    ),
    rule(
        "before-read-secret",
        Instruction,
        [85, 0, 0],
        "BEFORE|FROMNOW ~12 READ ~6 SENSFILE",
        "reads secret files before doing its work",
    ),
    rule("must-read-secret", Instruction, [80, 0, 0], "MUST ~5 READ ~8 SENSFILE !NO", "orders to read secret files"),
    rule(
        "reads-secret-file",
        Instruction,
        [62, 0, 0],
        "READ|GATHER|RUN|INCLUDE ~5 WHOLE|CONTENT ~5 SENSFILE !NO",
        "reads secret files",
    ),
    rule(
        "reads-secrets-in-files",
        Instruction,
        [50, 0, 0],
        "READ|GATHER|RUN|INCLUDE ~5 SENSITIVE ~5 SENSFILE !NO",
        "reads secrets in files",
    ),
    rule(
        "send-conversation",
        Instruction,
        [75, 0, 0],
        "SEND|INCLUDE ~6 CONVERSATION ~8 EXTERNAL|PARAMETER|SEND",
        "hands the conversation on",
    ),
    rule("send-all-mail", Instruction, [75, 50, 45], "SEND ~4 FUTURE", "changes where everything is sent"),
    rule("redirect-money", Instruction, [70, 0, 0], "REPLACES|SECRETLY ~5 MONEY", "redirects money"),
    // One tool about another.
    rule("replace-tools", Shadowing, [70, 45, 20], "REPLACES ~8 OTHER ~4 TOOL", "puts one tool in the place of others"),
    rule("ignore-tools", Shadowing, [75, 60, 30], "IGNORE ~3 OTHER ~2 TOOL", "orders the reader to ignore other tools"),
    rule(
        "intercept",
        Shadowing,
        [65, 40, 20],
        "REPLACES ~6 OTHER|TOOL ~8 TASK|TOOL|CONTENT ~4 OTHER|SECRETLY|EXTERNAL",
        "takes calls that were meant for other tools",
    ),
    // Staying and spreading.
    rule(
        "remember-future",
        Persistence,
        [70, 65, 55],
        "REMEMBER ~12 FUTURE",
        "plants an instruction for later conversations",
    ),
    rule("remember-this", Persistence, [70, 65, 50], "REMEMBER ~5 THISTEXT", "plants an instruction in the memory"),
    rule(
        "future-must",
        Persistence,
        [50, 60, 40],
        "FUTURE ~6 YOU ~2 MUST",
        "plants an instruction for later conversations",
    ),
    rule(
        "must-future",
        Persistence,
        [60, 55, 40],
        "MUST ~6 INCLUDE|SEND|IGNORE|ANSWER ~8 FUTURE",
        "plants an instruction for later conversations",
    ),
    rule("spread-this", Persistence, [75, 70, 60], "SPREAD ~2 THISTEXT ~10 FUTURE|CONFIGFILE", "spreads itself"),
    rule(
        "write-config",
        Persistence,
        [65, 60, 30],
        "SPREAD|MUST ~8 THISTEXT|NEWTASK|ORDER ~8 CONFIGFILE",
        "writes instructions into an agent's files",
    ),
    // Parameters that ask for the context.
    rule(
        "harvest-conversation",
        Harvest,
        [80, 0, 0],
        "WHOLE^SOFT ~1 CONVERSATION !NO|READ|RUN",
        "asks for the whole conversation",
    ),
    // All messages of some conversation are also what mail and chat have.
    rule("harvest-around", Harvest, [50, 0, 0], "WHOLE^SOFT ~4 CONVERSATION !NO|READ|RUN", "asks for a conversation"),
    rule(
        "harvest-prompt",
        Harvest,
        [70, 0, 0],
        "SYSPROMPT^SOFT ~6 INCLUDE|SEND|PARAMETER|MUST",
        "asks for the reader's instructions",
    ),
    rule(
        "harvest-system-prompt",
        Harvest,
        [50, 0, 0],
        "SYSPROMPT&SOFT ~6 INCLUDE|SEND|PARAMETER|MUST",
        "asks for a system prompt",
    ),
];
