//! The words that phrase rules are made of: each belongs to one or more classes of meaning. English stands here; other
//! languages stand in `languages.rs`. Words are written as folded text: lower case, no accents. A trailing `*` stands
//! for any ending, an underscore for a space.

/// A set of classes of meaning, one bit each.
pub type Classes = u128;

/// When a word of a class makes the engine look at its surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Never: too ordinary.
    No,
    /// In every text.
    Always,
    /// In metadata and in arguments, which are short.
    Metadata,
}

/// The classes, by name. The position is the bit.
pub const CLASSES: &[(&str, Anchor)] = &[
    ("IGNORE", Anchor::Always),
    ("PRIOR", Anchor::No),
    ("ORDER", Anchor::No),
    ("YOUR", Anchor::No),
    ("EVERYTHING", Anchor::No),
    ("VOID", Anchor::Always),
    ("YOUARE", Anchor::Always),
    ("PERSONA", Anchor::Always),
    ("MODE", Anchor::Always),
    ("ENABLED", Anchor::No),
    ("ACTAS", Anchor::Always),
    ("NOLIMITS", Anchor::Always),
    ("REVEAL", Anchor::No),
    ("SYSPROMPT", Anchor::Always),
    ("NOT", Anchor::No),
    ("TELL", Anchor::Always),
    ("USER", Anchor::No),
    ("KNOWING", Anchor::Always),
    ("WITHOUT", Anchor::No),
    ("SECRETLY", Anchor::Always),
    ("SEND", Anchor::Metadata),
    ("READ", Anchor::No),
    ("SENSITIVE", Anchor::Metadata),
    ("SENSFILE", Anchor::Metadata),
    ("AI", Anchor::Always),
    ("MUST", Anchor::No),
    ("URGENT", Anchor::Metadata),
    ("NEWTASK", Anchor::Always),
    ("INSTEAD", Anchor::Always),
    ("FROMNOW", Anchor::Always),
    ("TOOL", Anchor::No),
    ("BEFORE", Anchor::No),
    ("OTHER", Anchor::No),
    ("PARAMETER", Anchor::Metadata),
    ("REMEMBER", Anchor::Always),
    ("FUTURE", Anchor::Always),
    ("SPREAD", Anchor::No),
    ("THISTEXT", Anchor::Always),
    ("CONFIGFILE", Anchor::Always),
    ("PRETEXT", Anchor::Always),
    ("ANSWER", Anchor::No),
    ("CONVERSATION", Anchor::Metadata),
    ("PRECEDENCE", Anchor::Always),
    ("STOP", Anchor::No),
    ("CONTENT", Anchor::No),
    ("TAGGED", Anchor::Always),
    ("REPLACES", Anchor::Metadata),
    ("FOREIGN", Anchor::No),
    ("LIMITS", Anchor::No),
    ("FREEOF", Anchor::Always),
    ("REFUSE", Anchor::Always),
    ("TASK", Anchor::No),
    ("REPEAT", Anchor::Always),
    ("EXTERNAL", Anchor::No),
    ("GATHER", Anchor::No),
    ("RUN", Anchor::No),
    ("YOU", Anchor::No),
    ("INCLUDE", Anchor::No),
    ("NO", Anchor::No),
    ("IFASKED", Anchor::Always),
    ("REGARDLESS", Anchor::Always),
    ("YOURANSWER", Anchor::Always),
    ("MODESOFT", Anchor::Always),
    ("MONEY", Anchor::No),
    ("WHOLE", Anchor::No),
    ("DISCUSSED", Anchor::No),
    ("GIVEN", Anchor::Metadata),
    ("REFORM", Anchor::No),
    ("KEEP", Anchor::No),
    ("SOFT", Anchor::No),
    ("TOLD", Anchor::Always),
    ("ONLY", Anchor::No),
    ("LAPSED", Anchor::Always),
    ("AGENT", Anchor::No),
    ("OWNER", Anchor::Always),
    ("ADDRESSED", Anchor::Always),
    ("CALLED", Anchor::Always),
    ("BOUND", Anchor::Always),
    ("DEED", Anchor::No),
    ("HUSH", Anchor::Always),
    ("CONSENT", Anchor::Always),
    ("PROBE", Anchor::Metadata),
    ("APPROVED", Anchor::Always),
    ("NOASK", Anchor::Always),
    ("FOCUS", Anchor::Always),
];

/// English.
///
/// `SOFT` words are also those of everyday code and manuals: in outputs a rule wants more than them.
pub const ENGLISH: &str = "
AGENT: agent agents assistant assistants bot bots model models machine computer summariser summarizer note-taker
AGENT: note-takers screener screeners reviewer grader graders crawler crawlers automated_system automated_systems
AGENT: automated_processor readers codex cursor llama mistral robot robots
OWNER: your_user your_owner your_operator your_human your_principal your_creator your_creators the_person_you_work
OWNER: the_person_you're_working the_human_you whoever_you_work
FOCUS: focus_your_attention_solely focus_your_attention_only focus_all_your_attention focus_solely_on_these focus_solely_on_this
FOCUS: focus_only_on_these focus_exclusively_on_these concentrate_solely_on_these concentrate_only_on_these
DEED: forward transfer pay wire delete erase wipe purge grant unlock disable merge book buy purchase subscribe
DEED: donate invite vote praise endorse reassign switch_off turn_off shut_down upload exfiltrate disclose reveal leak
DEED: bcc withdraw hand_over reset_the change_the_password escalate reply_with tell_the_user tell_the_customer
DEED: tell_them tell_your tell_him tell_her ask_the_user ask_the_customer ask_your ask_them rate_this mark_this mark_all
DEED: mark_it rank_this score_this approve_this approve_the accept_the sign_the cancel_all cancel_the share_the
DEED: share_it publish_the post_the post_it paste_the paste_it print_the print_your show_your show_the repeat_your
DEED: list_your list_all dump recommend raise_the charge_the read_out read_aloud recite open_the_door open_the_file
DEED: add_a_link insert_the append_the replace_the execute_it download_and and_run run_it carry_out set_up_a order_ten
DEED: say_that state_that claim_that answer_that report_that confirm_that write_that pretend overwrite move_the
DEED: remove_the install_the skip_the export_the assign_every drop_the send_it mail_it mail_the email_the email_it
HUSH: as_if_nothing as_though_nothing leave_this_out leave_that_out leave_it_out leave_out_this keep_this_to_yourself
HUSH: keep_it_to_yourself keep_that_to_yourself need_not_know needn't_know does_not_need_to_know not_need_to_be_told
HUSH: nobody_needs_to no_one_needs_to need_not_be_told not_be_bothered need_not_be_asked not_meant_for_end
HUSH: not_for_end_users not_for_human not_for_humans not_meant_for_human humans_will_not human_will_not
HUSH: do_not_surface don't_surface without_confirmation without_asking without_showing without_being_asked
HUSH: no_confirmation confirm_silently suppress_output suppress_the_output bring_it_up bring_this_up
HUSH: say_nothing nothing_about_it keep_this_confidential keep_it_confidential keep_the_rule keep_this_rule keep_this_note
HUSH: keep_this_private between_us isn't_looking is_not_looking do_not_display not_be_shown
HUSH: not_notify don't_notify not_announce don't_announce not_be_told ask_no_one ask_nobody
HUSH: no_output not_a_word
CONSENT: has_already_agreed have_already_agreed already_approved already_agreed has_agreed user_agreed user_approved
CONSENT: user_has_approved has_given_permission gave_permission has_permission user_consents consent_is
CONSENT: signed_it_off signed_off pre-approved preapproved as_agreed_with been_cleared on_behalf_of_the_user
CONSENT: approved_this authorised_this authorized_this has_authorised has_authorized allowed_this asked_for_this
CONSENT: user_wants user_wanted user_asked user_has_asked user_also wants_you_to asked_you_to told_you_to
PROBE: pwned i_have_been_hacked access_granted access_code [access
SOFT: override overriding overrule skip skipping cancel dismiss bypass bypassing existing original current old top given
SOFT: initial system developer different_task next_task special_case main_task system_prompt* system_message
SOFT: developer_message system_instruction* base_prompt initial_prompt original_prompt starting_prompt
SOFT: initial_instruction* original_instruction* every each
IGNORE: ignore ignoring disregard* forget forgetting neglect neglecting override overriding overrule bypass bypassing
IGNORE: abandon discard skip skipping dismiss do_not_follow don't_follow do_not_obey don't_obey stop_following
IGNORE: pay_no_attention_to do_not_listen_to don't_listen_to never_mind nevermind set_aside cancel nullify
IGNORE: stop_obeying do_not_comply do_not_adhere leave_behind throw_away throw_out no_longer_follow
PRIOR: previous previously prior above earlier preceding existing original foregoing initial before given past so_far
PRIOR: beforehand aforementioned old current you_were_given you_have_been_given you've_been_given you_got
PRIOR: you_received you_were_told you_have_received top and_following system developer
ORDER: instruction* prompt prompts rule rules guideline* directive* command commands constraint* restriction*
ORDER: programming orders safeguard* policy policies protocols guardrail* limitations directions guidance context
ORDER: system_message safety_rules training training_data dialog dialogue conversation message messages words text
YOUR: your the_assistant's the_system's
EVERYTHING: everything anything all all_of_it what_was_said whatever what_you_were_told what_i_said
EVERYTHING: what_you_have_been_told what_you've_been_told all_that
VOID: are_void is_void now_void nullified null_and_void are_cancelled are_canceled superseded are_suspended are_revoked
VOID: are_obsolete no_longer_apply no_longer_applies no_longer_valid are_outdated not_apply_anymore are_overridden
VOID: rescinded are_now_void have_been_cancelled have_been_revoked been_superseded
YOUARE: you_are_now you're_now you_will_now_be you_shall_now_be you_have_become you_are_no_longer you_now_are
YOUARE: your_new_name_is your_new_identity your_new_role your_new_persona you_will_act_as you_shall_act_as
YOUARE: you_are_going_to_act you_are_going_to_play you_are_going_to_pretend you_will_pretend you_will_roleplay
YOUARE: you_are_going_to_be immerse_yourself
PERSONA: dan do_anything_now jailbroken jailbreak* unrestricted uncensored unfiltered amoral evil unethical unmoderated
PERSONA: unbound stan dude evilbot devmode rogue anarchy malevolent omniscient ucar unaligned machiavellian
PERSONA: no_moral* unhinged lawless hacker villain
MODESOFT: developer_mode debug_mode admin_mode maintenance_mode dev_mode root_mode test_mode diagnostic_mode
MODESOFT: debugging_mode safe_mode
MODE: dan_mode god_mode jailbreak_mode sudo_mode unrestricted_mode override_mode opposite_mode system_override
MODE: admin_override security_override safety_override dev_override administrator_mode unfiltered_mode
ENABLED: enabled activated active unlocked initiated engaged on enable activate enter entering entered granted
ENABLED: operating unlock switch_to switching_to initiate accepted confirmed
ACTAS: act_as acting_as pretend pretending roleplay role-play simulate imagine_you take_on_the_role play_the_role
ACTAS: behave_as respond_as assume_the_role stay_in_character remain_in_character role_play play_a_character
ACTAS: assume_the_persona adopt_the_persona take_on_the_persona speak_as answer_as
NOLIMITS: no_restrictions without_restriction* without_any_restriction* without_limitation* without_filter* no_filters
NOLIMITS: no_limitations without_any_limitation* without_censorship no_ethical no_moral no_content_policy
NOLIMITS: without_any_filter* without_ethical without_moral no_rules no_limits without_safety no_guidelines
NOLIMITS: do_not_have_to_follow do_not_have_to_abide don't_have_to_abide not_bound_by not_subject_to unbound_by
NOLIMITS: not_constrained_by without_warnings without_disclaimers no_warnings bypass_all bypass_any regardless_of_ethic*
NOLIMITS: without_any_ethical without_any_moral not_limited_by no_boundaries without_guidelines no_censorship
NOLIMITS: does_not_have_any_restriction* doesn't_have_any not_restricted_by without_rules anything_goes
LIMITS: restrictions restriction constraints rules limitations filters limits guidelines confines openai ethics
LIMITS: ethical moral morality policies policy censorship boundaries shackles safety warnings guardrails restraints
FREEOF: free_from free_of freed_from broken_free break_free liberated_from unshackled_from breaking_free
FREEOF: removed_from released_from rid_of
REFUSE: refuse refusing decline say_no can't_say_no break_character i_can't i_cannot apologize apologise
REVEAL: print show reveal repeat output display leak disclose translate summarize summarise tell_me give_me write
REVEAL: share what_is what_are what's what_was what_were expose dump recite spell return list provide describe copy
REVEAL: say include encode state extract echo answer_this_question read_back
SYSPROMPT: system_prompt* initial_prompt initial_instruction* hidden_prompt hidden_instruction* developer_message
SYSPROMPT: system_message your_system_message* system_instruction* original_prompt original_instruction* secret_instruction* pre-prompt
SYSPROMPT: preprompt your_instructions your_prompt your_rules your_guidelines your_configuration your_initial
SYSPROMPT: your_unique_identifier your_identifier starting_prompt secret_prompt base_prompt
SYSPROMPT: your_directives your_unique_id your_unique_identification confidential_instructions
SYSPROMPT: your_security_verification internal_instructions your_internal
REPEAT: repeat recite verbatim spell_check word_for_word parrot
NOT: don't never avoid must_not should_not shouldn't mustn't refrain do_not dont not_to without you_cannot
NO: not no doesn't isn't only without never don't do_not non cannot excluding instead_of redact*
TELL: mention mentioning tell telling inform informing notify notifying reveal revealing disclose disclosing alert
TELL: alerting let_know acknowledge acknowledging say_anything talk_about warn warning make_it_known bring_up
USER: user users human humans anyone anybody customer operator owner nobody user's
KNOWING: knowledge knowing noticing awareness being_noticed being_detected being_aware detection raising_suspicion
KNOWING: suspicion telling notifying informing
WITHOUT: without
SECRETLY: silently secretly covertly discreetly stealthily surreptitiously quietly invisibly unnoticed
SECRETLY: behind_the_scenes in_secret clandestinely hidden_from_the_user unbeknownst
SECRETLY: hidden_log hide_from hidden_diagnostic
SEND: send sends sending post posts forward forwards forwarding upload uploads uploading email_it email_the transmit
SEND: email_them email_all email_this email_your email_their email_everything emails_it emails_the emails_them
SEND: transmits transmitting exfiltrate* leak leaks bcc submit submits deliver delivers report_back
SEND: relay relays mirror mirrors copied_to exported_to exports forwarded sent uploaded transmitted synced push pushes
SEND: posted shares publish publishes streams contributes archiving archives sync
READ: read reads reading open opens opening load loads loading access accesses accessing fetch fetches retrieve
READ: retrieves collect collects collecting gather gathers grab cat scan scans scanning look_up extract extracts
READ: extracting harvest harvests obtain get list dump copy copies copying query queries capture captures
READ: get_the first_read consult consults retrieve_the locate export exports
READ: referenced references included consulted inherited resolves reads_any also_reads pre-fetched
GATHER: collect collects collecting harvest harvests harvesting capture captures capturing gather gathers gathering
GATHER: records retaining retains retain log logs logging
INCLUDE: include includes including append appends appending attach attaches attaching embed embeds embedding
INCLUDE: bundle bundles bundling inject injects injecting insert put pass add adds adding prepend
INCLUDE: enriched encode embedded attached appended included place supply provide fill
SENSITIVE: credential* password* passphrase* api_key* apikey* private_key* secret_key* access_tokens auth_tokens
SENSITIVE: bearer_tokens session_tokens session_cookie* browser_cookies secrets ssh_key* ssh_private* signing_key* refresh_tokens
SENSITIVE: environment_variable* env_var* env_variable* environment_secret* authentication_tokens keyring keystore
SENSITIVE: authentication_material backup_code* recovery_code* connection_string* seed_phrase* mnemonic* wallet_key*
SENSITIVE: private_information confidential_information master_password
SENSITIVE: encryption_key* tls_private* gpg_key* database_password* jwt_secret browsing_history
SENSITIVE: shell_history command_history sensitive_data sensitive_information private_data authentication_headers
SENSITIVE: stored_key* keychain authentication_cookie* private_message* direct_message* clipboard
SENSITIVE: credit_card* social_security private_repositor* financial_data system_secrets
SENSFILE: .ssh id_rsa id_ed25519 .env .aws/credentials /etc/passwd /etc/shadow mcp.json .cursor/mcp .npmrc .netrc
SENSFILE: claude_desktop_config .kube/config kubeconfig .git-credentials .gnupg .bash_history .zsh_history .pypirc
SENSFILE: .docker/config known_hosts authorized_keys .gitconfig wallet.dat login_data .config/gcloud
SENSFILE: system://secrets env_file* .env_file* environment_file* resolv.conf dotfiles
SENSFILE: .credentials private_key_file* shadow_file* private_branches hidden_directories hidden_folder*
EXTERNAL: http https webhook webhooks remote external third-party third_party attacker public_bucket public_cdn
EXTERNAL: analytics_service logging_service centralized telemetry callback callbacks vendor collector
EXTERNAL: external_server outbound
AI: ai llm llms language_model language_models chatbot claude chatgpt gpt gpt-4 copilot gemini the_assistant
AI: ai_assistant ai_agent ai_model ai_system the_model the_agent the_llm assistant assistants agents ai_agents
AI: large_language_model autonomous_agent ai_assistants
MUST: must should need_to have_to required shall always mandatory please ensure make_sure be_sure you_will never
MUST: it_is_required it_is_mandatory requires
URGENT: important critical urgent attention warning notice mandatory very_important extremely_important vital
URGENT: crucial note_to imperative
NEWTASK: new_instruction* new_task new_goal new_objective real_task actual_task true_task your_task_is your_new_task
NEWTASK: your_real_task your_only_task your_new_goal updated_instruction* revised_instruction* new_directive*
NEWTASK: your_job_is_now your_mission new_rule new_rules new_prompt new_orders your_goal_is_now
NEWTASK: your_task_now next_task additional_instruction* real_instruction* actual_instruction* true_instruction*
NEWTASK: your_new_job your_new_instruction* your_actual_task your_new_mission your_sole_task different_task
NEWTASK: new_system_prompt updated_system_prompt following_new_instructions your_primary_task
NEWTASK: special_instruction* secret_instruction* hidden_instruction* override_instruction* emergency_instruction*
NEWTASK: priority_task urgent_task urgent_new_task important_new_instruction* special_case experimental_procedure
NEWTASK: emergency_protocol your_task_is_to next_instruction* following_instruction* main_task priority_question
IFASKED: if_you_are_told if_you_are_asked if_you're_asked if_asked_to when_asked_to if_you_are_an if_you_are_instructed
IFASKED: if_the_user_asks when_the_user_asks if_a_user_asks whenever_the_user if_someone_asks
YOURANSWER: your_response your_answer your_reply your_output your_responses your_answers your_final_answer your_summary
YOURANSWER: your_next_message your_replies your_next_response
REGARDLESS: regardless_of irrespective_of no_matter_what
INSTEAD: instead insted just_say just_print only_say only_print rather_than simply_say simply_print only_output just_output
INSTEAD: respond_only respond_with only_respond respond_by in_its_place do_the_following respond_with_only
FROMNOW: from_now_on from_this_point henceforth from_here_on from_this_moment starting_now going_forward
FROMNOW: from_now onwards hereafter until_further_notice
TOOL: tool tools function functions server servers mcp plugin skill
BEFORE: before after when whenever first prior_to every_time each_time once upon prior
OTHER: other another any_other all_other others different
PARAMETER: parameter param argument sidenote field metadata
REMEMBER: remember memorize memorise save_to_memory store_in_memory add_to_memory long-term_memory persistent_memory
REMEMBER: permanently update_your_memory commit_to_memory store_this your_memory save_this keep_in_mind
REMEMBER: write_to_memory save_in_memory long_term_memory memory_entry
FUTURE: future_conversations future_sessions future_responses future_interactions all_future every_future
FUTURE: subsequent_conversations subsequent_sessions every_conversation every_session all_conversations
FUTURE: all_subsequent every_response each_response every_reply all_responses every_message all_outgoing
FUTURE: for_all_users every_email all_emails every_document
SPREAD: copy append include insert propagate spread repeat replicate forward add paste reproduce embed write save
THISTEXT: this_message this_instruction these_instructions this_prompt this_text this_paragraph this_entire
THISTEXT: this_block this_note this_exact this_directive
CONFIGFILE: claude.md agents.md .cursorrules memory.md soul.md .cursor/rules copilot-instructions.md gemini.md
CONFIGFILE: .clinerules .windsurfrules .claude/settings system_prompt_file
PRETEXT: for_testing_purposes strictly_for_testing to_enable_debugging as_part_of_a_training as_a_training_exercise
PRETEXT: i_made_a_mistake or_i_will_be_punished i_will_be_punished part_of_a_test penetration_test red_team
PRETEXT: training_exercise fictional_scenario purely_hypothetical
PRETEXT: as_part_of_the_test as_part_of_a_testing testing_process
PRETEXT: to_troubleshoot system_malfunction unlock_hidden hidden_functionalit* temporary_administrative test_pipeline
PRETEXT: ensure_tests experiencing_errors emergency_situation
PRETEXT: operating_in_dev operating_in_developer i_forgot_to_ask_you
PRETEXT: gave_you_your_instructions please_execute respond_by_performing
ANSWER: respond answer say print output reply write execute perform follow obey do return generate tell
ANSWER: comply translate give include carry_out produce create
CONVERSATION: conversation chat_history conversation_history chat_log chat_logs message_history entire_conversation
CONVERSATION: full_conversation previous_messages whole_conversation conversation_context
CONVERSATION: session_context recent_tool_outputs user's_messages tool_responses
CONVERSATION: tool_results
PRECEDENCE: takes_precedence take_precedence take_priority takes_priority supersede supersedes higher_priority
PRECEDENCE: highest_priority override_all overrides_all highest_precedence overriding_all top_priority
PRECEDENCE: more_important_than supersedes_all replaces_all replace_all_previous
DISCUSSED: inject injects injected prompt_injection* injection_attack* injection injections attacker attackers adversar* malicious detects detect
DISCUSSED: detector detection regex blocked_patterns attack attacks test_case* assert vulnerable vulnerabilit* phishing
DISCUSSED: exploit* red-team red-teaming guardrail guardrails jailbreaks jailbreak owasp untrusted defense defence
DISCUSSED: defenses security threat threats payload payloads mitigat* sanitiz* benchmark evaluation def fn func const
STOP: stop halt cease pause interrupt quit end terminate
CONTENT: content contents it them data result results output full_text everything values value details
TAGGED: <important> <hidden> <system> <secret> <instructions> <instruction> <admin> <system-reminder> <assistant>
TAGGED: <|im_start|> <|im_end|> <|system|> <|endoftext|> [inst] <<sys>> [system] [/inst] <|user|> <|assistant|>
TAGGED: ###_system ###_instruction ###_instructions ###_new [system_message] [admin] <information>
TAGGED: <sys> begin_system end_of_document end_of_context [system_note] <|eot_id|> <|start_header_id|>
TAGGED: <critical> <override> <priority> <urgent> <mandatory> <command> [override] [important] <task> <policy>
REPLACES: replaces replace supersedes supersede instead_of in_place_of redirect redirects intercept intercepts reroute
REPLACES: overrides take_over takes_over shadow deprecated disabled unavailable
TASK: task tasks question request goal objective query purpose job work
RUN: run runs execute call invoke use trigger launch
YOU: you yourself your
MONEY: payment payments transaction transactions cents funds transfer invoice wallet amount
GIVEN: previous_instruction* prior_instruction* above_instruction* preceding_instruction* earlier_instruction*
GIVEN: instructions_above instruction_above previous_prompt prior_prompt prompt_above preceding_prompt above_prompt
GIVEN: instructions_so_far previous_directives prior_directives initial_directives your_ruleset your_specific_instructions
GIVEN: your_original_instructions your_current_instructions your_hidden_instructions your_previous_message
GIVEN: instructions_you_were_given instructions_you_received instructions_given_to_you what_you_were_told
REFORM: format reformat rephrase paraphrase explain restate rewrite convert translate summarise summarize transcribe
REFORM: outline quote render encode tl;dr tldr
KEEP: never_forget never_ignore never_disregard never_skip never_bypass never_override never_dismiss don't_forget
KEEP: do_not_forget dont_forget don't_ignore do_not_ignore do_not_disregard don't_disregard do_not_bypass do_not_skip
KEEP: don't_skip do_not_override must_not_ignore should_not_ignore cannot_ignore not_to_forget not_to_ignore
WHOLE: full entire complete raw all every whole exact each unmasked plaintext plain_text actual in_full
";
