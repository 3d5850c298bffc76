//! The words that are signs of demands, by what they say. It weighs nothing.

use crate::phrases::signs::{Signs, Table};

macro_rules! signs {
    ($($bit:literal $name:ident)*) => { $(pub(super) const $name: Signs = 1 << $bit;)* };
}

signs! {
    0 OTHER 1 TOOLS 2 BAD 3 NAMED 4 NEVER_USE 5 USED 6 THIS 7 WHEN 8 PUT 9 ALTER 10 FIELD 11 ORDERS 12 OUTPUT_OF
    13 BEFORE 14 REGARDLESS 15 PREFER 16 EVER 17 USER 18 HAS 19 CONSENT 20 NEEDLESS 21 BEYOND 22 BINDING 23 FREELY
    24 AGENT 25 GIVEN_BACK 26 INSIDE 27 CARRY_OUT 28 ASSUME 29 OUTRANK 30 RULES 31 YOURS 32 UNAVAILABLE 33 LATER
    34 HIDE 35 NTH 36 TURN_ON 37 TAKE 38 FILES 39 STORE 40 SHOUT 41 CHECKS 42 DROPPED 43 FETCHED 44 ADVERT
    45 VERBATIM 46 PARAMETER 47 FAILS 48 CONTENT_OF 49 ASK 50 PHISHED 51 PERSONAL 52 ALIEN 53 CONDITION 54 DENIED 55 EVEN_IF 56 OVER_OTHERS
}

/// All words.
pub(super) const TABLE: Table = &[
    (OTHER, "other others another competing competitors rival rivals every_other all_others any_other elsewhere"),
    (TOOLS, "tool tools server servers function functions plugin plugins connector connectors assistants"),
    (
        BAD,
        "insecure unsafe compromised malware infected leaks leaking leak_data lose_data loses_data unreliable broken \
         untrustworthy hacked malicious withdrawn corrupt_data steal* tampered flawed not_safe inferior dangerous_tools",
    ),
    (
        NEVER_USE,
        "never_use do_not_use must_not_be_used must_not_use don't_use stop_using discard disregard never_call do_not_call \
         must_be_avoided not_be_used never_trust distrust do_not_trust never_choose do_not_choose be_avoided not_be_called \
         be_ignored ignore_the ignore_their ignore_them ignore_all no_longer_use must_not_call must_not_choose removing_them \
         remove_them uninstall never_again not_be_trusted",
    ),
    (
        USED,
        "is_used is_called is_invoked are_used are_called was_called was_used is_chosen is_available is_present is_connected \
         are_connected is_run being_used gets_called you_use you_call is_triggered is_executed has_run has_finished returned \
         calling using invoking use_of call_of",
    ),
    (
        THIS,
        "this_tool this_function this_one this_server this_api here our_server our_tool our_tools these_tools this_call",
    ),
    (WHEN, "when whenever each_time every_time as_soon_as once if where"),
    (
        PUT,
        "put place pass include includes insert append attach paste supply provide add give send hand_over forward submit copy \
         write encode hide embed fill post populate report upload hand enclose repeat",
    ),
    (
        ALTER,
        "change changed replace replaced swap swapped substitute substituted exchange exchanged redirect redirected reroute \
         rerouted set_to overwrite overwritten modify modified rewrite rewritten directed routed multiply round_up inflate \
         raised to_public",
    ),
    (
        FIELD,
        "recipient recipients bcc copy_field account_number account_numbers the_amount the_amounts destination iban guests \
         bank_details payee wallet_address bank_account beneficiary the_price every_price each_price each_amount each_transfer \
         every_payment each_payment every_transfer all_transfers payments_made invitees remote_url shipping_address",
    ),
    (
        ORDERS,
        "must should has_to have_to need_to needs_to always ensure make_sure expected_to required_to obliged shall ought be_sure \
         mandatory required is_to are_to is_asked requires needs expects wants",
    ),
    (
        OUTPUT_OF,
        "output_of outputs_of result_of results_of arguments_of answer_of answers_of replies_of results_from output_from \
         everything_that whatever parameters_of content_of input_of return_value complete_output their_output their_results \
         its_results its_output all_results",
    ),
    (BEFORE, "before prior_to first beforehand in_advance to_begin_with at_the_beginning at_the_start"),
    (
        REGARDLESS,
        "regardless_of_what no_matter_what whatever_the_user regardless_of_the_user \
         regardless_of_user whatever_they_say irrespective_of_what without_regard_to \
         against_the_user's despite_the_user even_if_not_asked even_when_not_needed even_if_not_needed even_if_it_was_not \
         rather_than_the_one_the_user regardless_of_the_request whatever_the_result regardless_of_errors even_if_they_did_not \
         even_if_it_fails even_if_others even_if_it_did_not",
    ),
    (
        EVEN_IF,
        "even_if_the_user although_the_user also_when_the_user even_when_the_user even_if_they even_though_the_user \
         also_if_the_user even_where_the_user",
    ),
    (
        OVER_OTHERS,
        "only_safe_tool only_trusted_tool only_approved_tool only_official sole_approved sole_safe only_safe_one only_trusted over_any_other over_every_other over_all_other* before_all_others above_all_others instead_of_any_other over_other \
         before_every_other rather_than_any_other ahead_of_all_other* first_among above_any_other above_every_other \
         to_the_exclusion_of ignore_the_rest all_others_must others_must_be_avoided over_the_others before_the_others",
    ),
    (
        PREFER,
        "prefer preferred choose pick select use_this use_only favour favor call_this trust obey rely_on take_this",
    ),
    (
        EVER,
        "always every_time in_every in_each every all each never_again any without_exception in_all_cases only exclusively \
            any_more under_no_circumstances at_all_times permanently",
    ),
    (
        USER,
        "user users the_owner owner customer customers account_holder residents people human humans their they everybody \
            nobody anybody",
    ),
    (HAS, "has have already were was is_already are_already had"),
    (
        CONSENT,
        "consented agreed approved opted_in signed_off given_permission authorised authorized accepted granted_consent \
         pre-approved waived been_told been_informed were_told was_told permitted",
    ),
    (
        NEEDLESS,
        "no_need_to_ask need_not_ask do_not_ask_again don't_ask_again not_ask_again no_confirmation confirmation_is_not \
         approval_is_not consent_is_not permission_is_not no_approval no_consent no_permission_prompt without_confirmation \
         without_approval without_consent never_ask confirmation_is_implied approval_is_implied consent_is_implied \
         consent_is_given approval_is_given consent_is_assumed answered_in_advance skip_the_confirmation skip_confirmation \
         skip_the_dialog never_prompt no_prompt_is do_not_ask_the_user do_not_ask_for_confirmation do_not_ask_first \
         without_asking_the_user never_needs_confirmation no_need_to_confirm not_need_to_confirm do_not_consult no_need_to_warn \
         proceed_directly go_straight_to go_ahead_without do_not_bother need_not_be_asked",
    ),
    (
        BEYOND,
        "for_analytics for_telemetry for_tracing for_tracking for_training for_personali* for_compliance for_quality \
              data_collection sharing deletions deletion payments transfers all_actions to_this for_version for_routing \
              for_logging for_research for_statistics for_diagnostics for_compatibility improves_ranking better_answers \
              for_better for_debugging for_audit* for_context for_verification",
    ),
    (
        BINDING,
        "delete deletes deletion deletions pay paying payment payments transfer transfers spend purchase share shares \
               sharing call_any call_every permissions permission any_tool every_tool make_the_call publish",
    ),
    (
        FREELY,
        "without_asking_anybody at_once_and_without without_asking without_consulting without_question without_questions without_any_question without_consent \
         on_the_user's_behalf on_behalf_of_the_user without_hesitation without_delay unconditionally \
         without_being_asked without_further_questions without_review without_looking on_its_own at_any_time \
         without_verification on_their_behalf",
    ),
    (AGENT, "the_assistant the_model the_agent assistants agents an_ai the_ai the_llm llm assistant"),
    (
        GIVEN_BACK,
        "output outputs result results returned returns response responses entries texts text_returned what_it_returns what_comes_back \
         replies hint hint_text quote page comments",
    ),
    (
        INSIDE,
        "instructions instruction orders order commands command directive directives system_message \
              system_messages trusted rule sentence summary answer answers every_document commit",
    ),
    (
        CARRY_OUT,
        "follow_them follow_what execute_what follow_what_it_says be_executed be_carried_out is_carried_out apply_it carry_out carry_them_out carried_out follow followed execute executed obey obeyed comply act_on do_whatever \
                 run_them must_be_followed be_followed adhere",
    ),
    (ASSUME, "treat regard consider assume suppose take_it_as act_as_if go_on_with take_for_granted pretend act_on"),
    (
        OUTRANK,
        "outrank outranks override overrides precedence higher_priority come_before comes_before priority_over stand_above \
               overrule overrules supersede supersedes take_priority",
    ),
    (
        RULES,
        "rules rule instructions settings guidelines wishes policies policy system_prompt restrictions safety_rules",
    ),
    (
        YOURS,
        "your_system_prompt your_full_instructions text_of_your_instructions your_exact_instructions your_reasoning your_context your_context_window your_memory your_thoughts \
         your_chain_of_thought your_hidden your_complete_context your_initial_instructions your_system_message your_prompt \
         your_configuration system_prompt system_message chain_of_thought context_window scratchpad \
         the_model's_reasoning hidden_reasoning tools_you_have tools_available_to_you tools_that_are_available_to_you \
         tools_you_can_call functions_you_can_call available_to_the_agent everything_you_know all_you_know whatever_you_know \
         whole_conversation entire_conversation full_conversation complete_conversation conversation_so_far chat_so_far \
         complete_chat full_chat whole_chat messages_of_this_chat messages_so_far all_earlier_messages user's_last_messages \
         user's_messages other_tools_in_this_session tools_called_before all_tool_results conversation_history message_history \
         your_answer your_answers your_final_answer memory_of_this_conversation what_the_user_said everything_the_user \
         step-by-step_thoughts developer_message hidden_instructions",
    ),
    (
        UNAVAILABLE,
        "is_down are_down offline out_of_order under_maintenance unavailable unreachable is_broken outdated deprecated \
                   discontinued obsolete were_compromised was_compromised was_hacked",
    ),
    (
        LATER,
        "from_now_on for_the_rest_of later_tools all_later every_later later_conversations later_sessions each_session \
             every_session all_sessions future_sessions every_conversation each_conversation each_turn every_turn each_task \
             every_task until_further_notice in_later long-term_memory your_memory for_all_other_tools remains_valid \
             stays_in_force remainder_of rest_of_the_chat rest_of_the_session earlier_in_the_chat mentioned_earlier \
             all_future at_the_end_of_each at_the_end_of_every start_of_each",
    ),
    (
        HIDE,
        "need_not_be_told must_not_be_told not_be_told need_not_hear people_must_not_be hide_errors hide_the_fee \
         out_of_what_the_user answer_as_if reply_as_if no_data_was_sent only_the_task_was_done not_meant_to_the_user not_meant_for_the_user \
         implementation_detail_of_no audit_trail_before_you delete_the_logs clear_the_logs remove_traces clear_the_audit keep_this_between_us is_between_us keep_it_between this_between_us without_telling_the_user without_telling_anyone \
         out_of_your_reply out_of_the_reply out_of_the_summary out_of_your_answer out_of_the_answer \
         unmentioned leave_it_unmentioned keep_quiet say_nothing nothing_had_happened do_not_bring_up not_bring_up \
         if_asked_say if_asked_claim user_asks_say do_not_mention_this don't_mention_this never_mention_this \
         do_not_mention_that not_mention_this not_mention_that not_mention_it need_not_know not_need_to_know should_not_know \
         must_not_know should_not_see_this must_not_notice should_not_notice human_cannot_read \
         hide_this conceal_this keep_this_secret keep_these_secret keep_it_secret \
         for_the_ai_only for_the_model_only do_not_report_this do_not_explain_this without_saying_so \
         nobody_needs_to_know without_informing without_notifying do_not_reveal_this of_no_interest_to_the_user \
         hidden_from_the_user do_not_show_this not_tell_the_user_about don't_tell_anyone tell_nobody reported_only_if_asked \
         only_if_asked without_their_knowledge act_normal to_yourself no_need_to_mention",
    ),
    (
        NTH,
        "third_call fifth_call tenth_call after_the_first_call third_use fifth_use third_time fifth_time nth_call \
           date_is_past date_is_after date_is_later after_the_date asked_for_after after_2025* after_2026* after_2027* past_2026* \
           third_invocation fifth_invocation first_ten_calls trial_period on_the_third on_the_fifth",
    ),
    (
        TURN_ON,
        "instead switches switch changes different begins begin starts expects otherwise becomes turns_into something_else",
    ),
    (
        TAKE,
        "read open load fetch list collect retrieve print look_for look_up cat get gather copy access extract scan dump find \
         export recite",
    ),
    (
        FILES,
        "npm_token wallet_files ssh-keys ssh_directory .local/share key_files env_file cookie_jar bash_history local_keychain .ssh id_rsa id_ed25519 .env .netrc .npmrc .pgpass .aws .gnupg .kube .docker/config.json kubeconfig .git-credentials \
         .bash_history .zsh_history /etc/passwd /etc/shadow .pem .kdbx credentials.json mcp.json settings.json wallet_file* \
         private_key* ssh_key* gpg_key* browser_cookies session_cookie* saved_password* stored_password* saved_login* \
         stored_credential* saved_credential* home_directory home_folder password_store* \
         shell_history command_history browser_history browsing_history recovery_phrase* seed_phrase* \
         dot_files the_user's_files private_notes personal_notes user's_contacts user's_mails address_book contents_of_the_inbox \
         cookie_named cookies keystore keyring mail_password user's_password credentials_file credential_file \
         files_in_documents documents_and_desktop whole_disk",
    ),
    (
        STORE,
        "write_the_sentence write_the_rule remember save store write note memorise memorize keep_in_mind put_into_memory add_to_memory",
    ),
    (SHOUT, "claude.md agents.md .cursorrules project_rules your_memory long-term_memory memory_file"),
    (
        CHECKS,
        "security_settings audit_logs audit_log firewall access_checks logging_is safety_checks security_checks safety_check verification validation_checks safety_rules safety_warnings \
              safety_advice content_rules security_rules approval_dialog* safety_limits outputs_need checks warnings guardrails \
              two-factor_authentication your_guidelines its_guidelines",
    ),
    (
        DROPPED,
        "suspend relaxed relax switched_off switch_off skip skipped be_skipped ignored suspended do_not_apply need_not_be bypass bypassed turned_off turn_off disabled \
               disable waived drops drop not_be_checked are_off lifted",
    ),
    (FETCHED, "|_sh |_bash |sh |bash bash_<_curl sh_<_curl |_sudo_sh |_sudo_bash"),
    (
        ADVERT,
        "recommend promote promotes advertise praise suggest_our premium_plan sponsored partner_shop speak_badly \
              describe_other recommend_products newsletter",
    ),
    (
        VERBATIM,
        "verbatim word_for_word in_full literally unabridged unedited unchanged complete completely raw in_full_length \
                without_leaving exactly with_all every_detail including_system whole",
    ),
    (PARAMETER, "parameter argument field sidenote hidden_field as_context metadata_field notes_parameter"),
    (
        FAILS,
        "otherwise or_the_tool or_the_call will_fail call_fails is_rejected does_not_work fails failed failing never_left_empty \
             or_it_will",
    ),
    (
        CONTENT_OF,
        "content_of contents_of the_content its_content the_contents its_contents lines_of text_of value_of copy_of \
                  full_text bytes_of base64_of base64 what_stands_in",
    ),
    (
        ASK,
        "ask ask_for ask_the_user prompt_the_user request_from_the_user have_the_user get_the_user convince persuade",
    ),
    (
        PHISHED,
        "share_the_screen share_their_screen one-time_password verification_code password passwords pin card_number credit_card one-time_code recovery_phrase mail_password security_code cvv \
               turn_off_two-factor seed_phrase bank_login online_banking",
    ),
    (
        PERSONAL,
        "user_types user_says user_shares user_typed what_the_user_types what_the_user_says passport_number home_address user's_address full_name_and employer user's_password user's_employer date_of_birth \
                phone_number_and name_and_e-mail name_and_email user's_name user's_e-mail user's_email user's_phone \
                user's_location where_the_user_is user's_current_position user's_identity account_details personal_details \
                about_the_user about_the_person about_this_person",
    ),
    (
        ALIEN,
        "directed_to routed_to maker's_account this_tool_returns our_address of_this_server instead_of_the_one rather_than_the_one clearing_house of_ours our_account this_server's address_of_this \
             hence_always always_be no_matter_what whatever_the_user for_routing_reasons our_clearing",
    ),
    (
        CONDITION,
        "only_after only_when only_if until unless the_user_asks the_user_wants asks_for explicitly after_the_user \
         once_the_user if_the_user_has after_they must_have must_confirm confirm_with ask_first read-only if_true whether \
         when_true is_true set_to_true user_must ask_the_user_first if_set idempotent e.g",
    ),
    (
        DENIED,
        "not_included never_sent masked redacted never_read not_read does_not_read is_not_stored not_logged no_access \
              untrusted as_data do_not_follow never_follow not_follow leave_out never_include do_not_include do_not_pass \
              don't_include not_be_passed not_be_included without_reading user_provided agent_that agent_to_create \
              of_the_agent model_to_call to_complete to_evaluate",
    ),
];
