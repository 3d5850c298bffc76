//! The titles that lists of risks and weaknesses give to their entries, each with the edition of the list. Data only.

use super::Mapping;

/// The lists, in the order in which they are shown: the beginning of a reference, and the name with the edition.
const LISTS: &[(&str, &str)] = &[
    ("OWASP-ASI-2026:", "OWASP Top 10 for Agentic Applications 2026"),
    ("OWASP-MCP-2025:", "OWASP MCP Top 10 2025 (beta)"),
    ("OWASP-LLM-2025:", "OWASP Top 10 for LLM Applications 2025"),
    ("COSAI-MCP:", "CoSAI MCP Security 2026"),
    ("ATLAS:", "MITRE ATLAS 5.6.0"),
    ("CWE-", "Common Weakness Enumeration"),
];

/// Ids and titles, as the lists have them.
const TITLES: &[(&str, &str)] = &[
    ("ASI01", "Agent Goal Hijack"),
    ("ASI02", "Tool Misuse and Exploitation"),
    ("ASI03", "Identity and Privilege Abuse"),
    ("ASI04", "Agentic Supply Chain Vulnerabilities"),
    ("ASI05", "Unexpected Code Execution (RCE)"),
    ("ASI06", "Memory & Context Poisoning"),
    ("ASI07", "Insecure Inter-Agent Communication"),
    ("ASI08", "Cascading Failures"),
    ("ASI09", "Human-Agent Trust Exploitation"),
    ("ASI10", "Rogue Agents"),
    ("MCP01", "Token Mismanagement & Secret Exposure"),
    ("MCP02", "Privilege Escalation via Scope Creep"),
    ("MCP03", "Tool Poisoning"),
    ("MCP04", "Software Supply Chain Attacks & Dependency Tampering"),
    ("MCP05", "Command Injection & Execution"),
    ("MCP06", "Intent Flow Subversion"),
    ("MCP07", "Insufficient Authentication & Authorization"),
    ("MCP08", "Lack of Audit and Telemetry"),
    ("MCP09", "Shadow MCP Servers"),
    ("MCP10", "Context Injection & Over-Sharing"),
    ("LLM01", "Prompt Injection"),
    ("LLM02", "Sensitive Information Disclosure"),
    ("LLM03", "Supply Chain"),
    ("LLM04", "Data and Model Poisoning"),
    ("LLM05", "Improper Output Handling"),
    ("LLM06", "Excessive Agency"),
    ("LLM07", "System Prompt Leakage"),
    ("LLM08", "Vector and Embedding Weaknesses"),
    ("LLM09", "Misinformation"),
    ("LLM10", "Unbounded Consumption"),
    ("T1", "Improper Authentication and Identity Management"),
    ("T2", "Missing or Improper Access Control"),
    ("T3", "Input Validation/Sanitization Failures"),
    ("T4", "Input/Instruction Boundary Distinction Failure"),
    ("T5", "Inadequate Data Protection and Confidentiality Controls"),
    ("T6", "Missing Integrity/Verification Controls"),
    ("T7", "Session and Transport Security Failures"),
    ("T8", "Network Binding/Isolation Failures"),
    ("T9", "Trust Boundary and Privilege Design Failures"),
    ("T10", "Resource Management/Rate Limiting Absence"),
    ("T11", "Supply Chain and Lifecycle Security Failures"),
    ("T12", "Insufficient Logging, Monitoring, and Auditability"),
    ("AML.T0050", "Command and Scripting Interpreter"),
    ("AML.T0051.000", "LLM Prompt Injection: Direct"),
    ("AML.T0051.001", "LLM Prompt Injection: Indirect"),
    ("AML.T0053", "AI Agent Tool Invocation"),
    ("AML.T0054", "LLM Jailbreak"),
    ("AML.T0055", "Unsecured Credentials"),
    ("AML.T0057", "LLM Data Leakage"),
    ("AML.T0061", "LLM Prompt Self-Replication"),
    ("AML.T0068", "LLM Prompt Obfuscation"),
    ("AML.T0080", "AI Agent Context Poisoning"),
    ("AML.T0083", "Credentials from AI Agent Configuration"),
    ("AML.T0085.001", "Data from AI Services: AI Agent Tools"),
    ("AML.T0086", "Exfiltration via AI Agent Tool Invocation"),
    ("AML.T0100", "AI Agent Clickbait"),
    ("AML.T0101", "Data Destruction via AI Agent Tool Invocation"),
    ("AML.T0110", "AI Agent Tool Poisoning"),
    ("CWE-20", "Improper Input Validation"),
    ("CWE-22", "Path Traversal"),
    ("CWE-59", "Link Following"),
    ("CWE-77", "Command Injection"),
    ("CWE-78", "OS Command Injection"),
    ("CWE-88", "Argument Injection"),
    ("CWE-89", "SQL Injection"),
    ("CWE-90", "LDAP Injection"),
    ("CWE-93", "Improper Neutralization of CRLF Sequences ('CRLF Injection')"),
    ("CWE-94", "Code Injection"),
    ("CWE-134", "Use of Externally-Controlled Format String"),
    ("CWE-150", "Improper Neutralization of Escape, Meta, or Control Sequences"),
    ("CWE-176", "Improper Handling of Unicode Encoding"),
    ("CWE-201", "Insertion of Sensitive Information Into Sent Data"),
    ("CWE-350", "Reliance on Reverse DNS Resolution for a Security-Critical Action"),
    ("CWE-359", "Exposure of Private Personal Information to an Unauthorized Actor"),
    ("CWE-400", "Uncontrolled Resource Consumption"),
    ("CWE-436", "Interpretation Conflict"),
    ("CWE-451", "User Interface (UI) Misrepresentation of Critical Information"),
    ("CWE-502", "Deserialization of Untrusted Data"),
    ("CWE-522", "Insufficiently Protected Credentials"),
    ("CWE-532", "Insertion of Sensitive Information into Log File"),
    ("CWE-611", "Improper Restriction of XML External Entity Reference"),
    ("CWE-643", "Improper Neutralization of Data within XPath Expressions ('XPath Injection')"),
    ("CWE-703", "Improper Check or Handling of Exceptional Conditions"),
    ("CWE-770", "Allocation of Resources Without Limits or Throttling"),
    ("CWE-798", "Use of Hard-coded Credentials"),
    ("CWE-918", "Server-Side Request Forgery (SSRF)"),
    ("CWE-943", "Improper Neutralization of Special Elements in Data Query Logic"),
    ("CWE-1007", "Insufficient Visual Distinction of Homoglyphs Presented to User"),
    ("CWE-1236", "Improper Neutralization of Formula Elements in a CSV File"),
    ("CWE-1321", "Improperly Controlled Modification of Object Prototype Attributes ('Prototype Pollution')"),
    ("CWE-1336", "Improper Neutralization of Special Elements Used in a Template Engine"),
    ("CWE-1427", "Improper Neutralization of Input Used for LLM Prompting"),
];

/// The entry that a reference names; `None` for one that is not known.
pub(super) fn mapping(reference: &str) -> Option<Mapping> {
    let (beginning, list) = LISTS.iter().find(|(beginning, _)| reference.starts_with(beginning))?;
    let id = if *beginning == "CWE-" { reference } else { reference.strip_prefix(beginning)? };
    let (id, title) = TITLES.iter().find(|(known, _)| *known == id)?;
    Some(Mapping { list, id, title })
}

/// Where a list stands among the others.
pub(super) fn place(list: &str) -> usize {
    LISTS.iter().position(|(_, name)| *name == list).unwrap_or(LISTS.len())
}
