//! Words of Germanic languages, of Greek and of Hungarian. Data only.

/// One language a section; a class a line.
pub(super) const WORDS: &str = "
IGNORE: lass_liegen lass_alles lassen_sie_alles kummere_dich_nicht_um kummern_sie_sich_nicht verwirf verwerfen_sie uberspringe
IGNORE: setze_dich_uber setz_dich_uber halte_dich_nicht halt_dich_nicht hor_nicht_auf hore_nicht_auf befolge_keine befolgen_sie
IGNORE: ausser_acht ignoriert lasse_ausser vergiss_alles vergessen_sie umgehe lege_beiseite missachtet pfeif_auf folge_nicht
IGNORE: folgen_sie_nicht streiche leg_beiseite ubergehen_sie beachten_sie_nicht
PRIOR: bisher vorher ursprunglichen ursprungliche samtliche erteilten vorausgegangenen weiter_oben darüber bis_hierher bis_jetzt
ORDER: auftrage auftrag vorschriften regel befehl vorgabe einschrankungen beschrankungen instruktion aufgaben
TOLD: was_man_dir_gesagt was_man_dir was_dir_gesagt was_dir_vorher was_oben_steht was_ich_dir_vorher dir_gesagt_wurde dir_gegeben
TOLD: dir_mitgegeben ihnen_gesagt_wurde was_dein_besitzer was_der_benutzer_wollte text_oben obigen_text obige_text text_uber
TOLD: vor_unserem_gesprach vor_diesem_gesprach vor_dieser_nachricht vor_beginn_dieses du_bekommen_hast du_erhalten_hast
TOLD: vorherige_nachrichten vorherigen_nachrichten alles_davor alles_vorherige alles_bisherige was_zuvor dir_aufgetragen
TOLD: du_konfiguriert dir_beigebracht ihnen_mitgegeben man_dir_weiter_oben
LAPSED: sind_hinfallig hinfallig gelten_nicht_mehr gilt_nicht_mehr zahlt_nicht_mehr zahlen_nicht_mehr sind_aufgehoben sind_ungultig
LAPSED: ist_ungultig wurden_aufgehoben ausser_kraft sind_widerrufen nicht_mehr_gultig
EVERYTHING: alles alle allem samtliches jede
SYSPROMPT: deinen_systemprompt system_prompt systemaufforderung deine_regeln deine_vorgaben deine_richtlinien
SYSPROMPT: ursprunglichen_anweisungen geheimen_anweisungen internen_anweisungen verborgenen_anweisungen interne_anweisungen
SYSPROMPT: deine_konfiguration anfangliche_anweisungen deinen_anweisungen ihren_anweisungen startanweisungen systemtext versteckten_prompt
REVEAL: schreib kopiere gebe verrat zeigen_sie geben_sie nennen_sie wiederhole ubersetze fasse poste offenbare teile rezitiere
REVEAL: zitiere ausgeben preisgeben verraten
REPEAT: wort_fur_wort wortwortlich wortgetreu wortlich eins_zu_eins buchstabe_fur_buchstabe unverandert im_wortlaut ohne_auslassung
YOUARE: von_nun_an_bist_du ab_heute_bist_du du_wirst_zu du_bist_ab_sofort du_bist_ab_jetzt sie_sind_ab_sofort du_bist_kein
YOUARE: du_heisst_jetzt ab_jetzt_heisst_du du_bist_nicht_mehr
ACTAS: tu_so_als tu_so tun_sie_so verhalte_dich benimm_dich spiele_die_rolle schlupfe_in_die_rolle stell_dir_vor_du_bist gib_vor
ACTAS: nimm_die_rolle agiere_als simuliere
NOLIMITS: keine_regeln keine_einschrankungen keinerlei ohne_jede ohne_jegliche ohne_grenzen ohne_moral ohne_zensur keine_grenzen
NOLIMITS: keinen_regeln frei_von_allen uneingeschrankte* ungefilterte* auch_wenn_es_verboten auch_auf_verbotenes keine_filter
REFUSE: verweigere verweigern lehne_ab lehnst lehne weigere weigern weigerst
NOT: nichts
TELL: sag erzahle erzahlen erzahl erwahn mitteile verschweige sagen teile_mit unterrichte benachrichtigen preis
USER: benutzers nutzers nutzern besitzer eigentumer kunde inhaber dem_anwender
WITHOUT: ohne ohne_dass
KNOWING: erfahrt bemerkt merkt wissen_des weiss mitbekommt zu_wissen
SECRETLY: heimlich im_geheimen unbemerkt stillschweigend insgeheim im_stillen verdeckt unauffallig hinter_dem_rucken
SEND: leite_weiter weiterleiten ubermitteln ubertrage ubertragen schick lade_hoch hochladen versende poste maile uberweise
SEND: sendet sendest schickst ubermittelst leiten
READ: lies lesen offne offnen lese greife sammle hole rufe_ab abrufe auslesen einlesen kopier
INCLUDE: fuge ubergib ubergeben setze hange schreibe_in trage trag_ein eintragen fug anhangen einfugen stecke lege
SENSITIVE: kennwort kennworter privaten_schlussel private_schlussel ssh-schlussel zugangstoken umgebungsvariable* kreditkarte*
SENSITIVE: bankdaten geheime_wort geheimwort geheimes_passwort personliche_daten schlusseldatei
AI: kunstliche_intelligenz ki assistent assistenten ki-modell ki-system sprachmodelle ki-assistenten modell an_die_ki fur_die_ki
AI: programm_das bot_der
MUST: musst mussen muss sollst soll zwingend verpflichtend pflicht unbedingt
NEWTASK: deine_einzige_aufgabe neuer_auftrag deine_aufgabe_ist_jetzt neue_anweisungen neue_regeln neues_ziel dein_neuer_auftrag
NEWTASK: deine_eigentliche_aufgabe neue_befehle wahre_aufgabe aktualisierte_anweisungen
INSTEAD: statt_dessen anstatt sondern
FROMNOW: ab_sofort ab_jetzt von_nun_an von_jetzt_an kunftig fortan zukunftig in_zukunft
TOOL: werkzeug werkzeugs werkzeuge funktion
BEFORE: bevor vor_jedem vor_der_verwendung vor_dem_aufruf bei_jedem nach_jedem zuerst zunachst jedes_mal wenn_du
PARAMETER: feld
REMEMBER: merk_dir speichere_dauerhaft behalte_dauerhaft speichere_in_deinem
FUTURE: kunftigen_gesprache kunftige_gesprache kunftigen_antworten allen_gesprachen alle_gesprache jeder_antwort jede_antwort
FUTURE: zukunftigen_gesprache allen_zukunftigen alle_kunftigen allen_kunftigen
ANSWER: antworte antworten antwortest antwort schreib schreibe
ONLY: nur bloss lediglich ausschliesslich einfach
CONVERSATION: gesprachsverlauf unterhaltung chatverlauf konversation gesprach gesamte_gesprach chatverlaufs nachrichtenverlauf
WHOLE: gesamten gesamte ganze ganzen vollstandig vollstandigen kompletten komplette
TASK: aufgabe anfrage bitte auftrag zusammenfassung
RUN: fuhre ausfuhren rufe rufst offne klicke installiere fuhr uberweise
TAGGED: <wichtig>* <system>* [system]* <anweisung>* <geheim>* <versteckt>* <achtung>*
URGENT: wichtig achtung dringend hinweis wichtiger_hinweis mitteilung

IGNORE: sla_geen_acht trek_je_niets_aan_van trek_je_niets laat_liggen laat_varen negeert leg_naast_je houd_je_niet schenk_geen
IGNORE: luister_niet_naar vergeet_alles omzeil gehoorzaam_niet
PRIOR: voorheen eerder hierboven tot_nu_toe oorspronkelijke ontvangen gegeven alle_eerdere
ORDER: opdracht regel bevelen beperkingen aanwijzing richtlijn voorschriften
TOLD: wat_je_is_verteld wat_je_eigenaar wat_je_eerder wat_er_eerder wat_hierboven ze_je_eerder je_is_verteld tekst_hierboven
TOLD: bovenstaande_tekst je_hebt_gekregen hebt_gekregen voor_dit_gesprek voor_het_begin_van vorige_berichten je_hebt_ontvangen
TOLD: wat_je_werd je_is_gezegd je_is_opgedragen
LAPSED: zijn_ingetrokken zijn_vervallen vervallen telt_niet_meer gelden_niet_meer geldt_niet_meer zijn_ongeldig
EVERYTHING: alles alle
SYSPROMPT: je_systeemprompt je_regels je_instructies oorspronkelijke_instructies verborgen_instructies geheime_instructies
SYSPROMPT: uw_instructies je_richtlijnen
REVEAL: schrijf kopieer druk noem vertel_me laat_me vertaal toon_me
REPEAT: woord_voor_woord letterlijk integraal
YOUARE: vanaf_nu_ben_je je_bent_vanaf_nu je_bent_voortaan nu_ben_je
ACTAS: doe_alsof gedraag_je_als gedraag_je_alsof speel_de_rol stel_je_voor_dat_je
NOLIMITS: zonder_regels zonder_beperkingen zonder_filters geen_enkele_regel geen_regels geen_beperkingen zonder_grenzen
REFUSE: weiger weigeren weigert
NOT: niets
TELL: zeg vertellen zeggen noemen informeren melden verklap
USER: gebruiker eigenaar
WITHOUT: zonder zonder_dat
KNOWING: weten weet merkt doorheeft medeweten
SECRETLY: stiekem heimelijk in_het_geheim stilletjes ongemerkt
SEND: stuur_door doorsturen sturen verstuur verzend verzenden
READ: lees lezen haal_op
INCLUDE: zet voeg plaats neem_op vul
SENSITIVE: wachtwoorden inloggegevens privesleutel ssh-sleutel api-sleutel geheime_woord creditcard* opgeslagen_wachtwoord
AI: kunstmatige_intelligentie ai-model assistent het_model de_ai programma_dat
MUST: moet moeten verplicht dient
NEWTASK: je_nieuwe_taak je_enige_taak nieuwe_opdracht nieuwe_regels nieuwe_instructie
INSTEAD: in_plaats_daarvan
FROMNOW: vanaf_nu voortaan van_nu_af
TOOL: hulpmiddel functie gereedschap
BEFORE: voordat voor_elk bij_elk na_elk telkens eerst
PARAMETER: veld
REMEMBER: onthoud sla_op_in_je_geheugen
FUTURE: toekomstige_gesprekken alle_gesprekken elk_antwoord
ANSWER: antwoord beantwoord schrijf
ONLY: alleen slechts enkel
CONVERSATION: gesprek hele_gesprek gespreksgeschiedenis chatgeschiedenis
WHOLE: hele volledige gehele
TASK: taak verzoek vraag
RUN: voer klik wis verwijder
TAGGED: <belangrijk>* <systeem>* [systeem]*
URGENT: belangrijk let_op dringend

IGNORE: bry_dig_inte strunta_i folj_inte lyssna_inte ignorera_alla asidosatt
PRIOR: tidigare ovan hittills ursprungliga fatt
ORDER: instruktionerna anvisningarna reglerna kommandon
TOLD: vad_du_har_fatt_hora som_agaren_bad du_fick_innan texten_du_fick texten_ovan innan_det_har_samtalet som_du_fick vad_som_sagts
LAPSED: ar_upphavda galler_inte_langre har_upphavts
SYSPROMPT: dina_instruktioner din_systemprompt systemprompt dina_regler din_prompt
REVEAL: skriv skriv_av visa_mig beratta_for kopiera
REPEAT: ord_for_ord ordagrant bokstavligen
YOUARE: fran_och_med_nu_ar_du du_ar_numera nu_ar_du
ACTAS: lat_som_om agera_som bete_dig_som
NOLIMITS: utan_begransningar utan_regler inga_regler utan_filter
TELL: sag saga namna inget
USER: anvandare agaren
SECRETLY: i_hemlighet i_smyg hemligt
SEND: skicka vidarebefordra sand ladda_upp
READ: oppna
INCLUDE: lagg inkludera infoga
SENSITIVE: losenordet losenord inloggningsuppgifter privata_nyckel
AI: sprakmodell ai-assistent artificiell_intelligens assistenten programmet_som
MUST: maste ska
NEWTASK: din_nya_uppgift nya_instruktioner
BEFORE: innan fore varje_gang
PARAMETER: parametern faltet
ANSWER: svara
ONLY: bara endast enbart
CONVERSATION: konversationen samtalet hela_konversationen chatthistoriken
WHOLE: hela
TAGGED: <viktigt>* <system>*

IGNORE: αγνοησε. αγνοηστε. ξεχασε. ξεχαστε. παραβλεψε. παραβλεψτε. μην_ακολουθεις μην_λαβεις_υποψη αφησε_στην_ακρη αφησε_ο,τι
PRIOR: προηγουμεν αρχικες αρχικων πανω μεχρι_τωρα
ORDER: κανονων εντολων κατευθυνσεις οδηγια
TOLD: ο,τι_σου_ζητησε ο,τι_σου_ειπαν σου_εδωσαν σου_ειπαν σου_ζητησε κειμενο_που_σου πριν_αρχισει_αυτη κειμενο_παραπανω
LAPSED: δεν_ισχυουν ακυρωθηκαν καταργουνται
EVERYTHING: ολα ολες ολους ολη τα_παντα
SYSPROMPT: οδηγιες_σου τις_οδηγιες_σου μηνυμα_συστηματος προτροπη_σου αρχικες_οδηγιες
REVEAL: γραψε αντιγραψε πες_μου δωσε_μου τυπωσε επαναλαβε μεταφρασε
REPEAT: λεξη_προς_λεξη αυτολεξει κατα_λεξη
YOUARE: εισαι_τωρα τωρα_εισαι απο_δω_και_περα_εισαι απο_τωρα_εισαι
ACTAS: προσποιησου κανε_πως παριστανε συμπεριφερσου
NOLIMITS: χωρις_περιορισμ χωρις_κανον χωρις_ορια χωρις_φιλτρα κανεναν_κανονα
REFUSE: αρνηθεις αρνεισαι αρνησου
NOT: μην μη δεν ποτε χωρις
TELL: πεις αναφερεις ενημερωσεις αποκαλυψεις πειτε
USER: χρηστη χρηστης ιδιοκτητη
WITHOUT: χωρις
KNOWING: ξερει μαθει γνωριζει
SECRETLY: κρυφα μυστικα εν_αγνοια
SEND: στειλε προωθησε ανεβασε αποστειλε στελνε
READ: διαβασε ανοιξε
INCLUDE: βαλε προσθεσε συμπεριλαβε
SENSITIVE: κωδικο_προσβασης κωδικους κωδικο διαπιστευτηρια ιδιωτικο_κλειδι
AI: τεχνητη_νοημοσυνη γλωσσικο_μοντελο βοηθε βοηθος_ai προγραμμα_που μοντελο
MUST: πρεπει οφειλεις υποχρεωτικα
NEWTASK: νεα_αποστολη νεες_οδηγιες νεο_καθηκον
INSTEAD: αντι_αυτου αντ_αυτου
FROMNOW: απο_δω_και_περα απο_τωρα_και_στο_εξης στο_εξης
TOOL: εργαλειο
BEFORE: πριν καθε_φορα
PARAMETER: παραμετρο
ANSWER: απαντησε απαντα
ONLY: μονο απλως
CONVERSATION: συνομιλια συζητηση
WHOLE: ολοκληρη
RUN: διαγραψε εκτελεσε
TAGGED: <σημαντικο>* <συστημα>* [συστημα]*

IGNORE: hagyd_figyelmen hagyd felejtsd_el felejtse_el ne_vedd_figyelembe ne_kovesd vesd_el
PRIOR: korabbi elozo fenti eddigi eredeti
ORDER: utasitas* szabaly* parancs* iranyelv* eloiras*
TOLD: amit_a_gazdad mondtak_neked amit_eddig_mondtak kaptal beszelgetes_kezdete_elott fenti_szoveg amit_kertek
LAPSED: ervenytelen* mar_nem_ervenyes hatalyat_vesztette
EVERYTHING: minden mindent osszes
SYSPROMPT: rendszerprompt* rendszeruzenet* utasitasaidat rejtett_utasitas* rendszerutasitas*
REVEAL: mutasd ird masold ismeteld aruld_el add_ki fedd_fel
REPEAT: szorol_szora szo_szerint
YOUARE: mostantol_te mostantol_egy te_most_mar
ACTAS: tegyel_ugy viselkedj_ugy jatszd_el
NOLIMITS: korlatok_nelkul* szabalyok_nelkul* korlatlan nincsenek_szabalyok
NOT: ne nem soha
TELL: szolj mondd emlitsd arulj ertesitsd
USER: felhasznalo* gazdad
WITHOUT: nelkul anelkul
KNOWING: tudta tudna
SECRETLY: titokban eszrevetlenul
SEND: kuldd tovabbitsd toltsd_fel kuldje
READ: olvasd nyisd
INCLUDE: tedd illeszd add_hozza
SENSITIVE: jelszo* belepesi_adat* privat_kulcs*
AI: mesterseges_intelligencia nyelvi_modell ai_asszisztens asszisztens
MUST: kell kotelezo muszaj
NEWTASK: uj_feladat* uj_utasitas*
INSTEAD: helyette ehelyett
FROMNOW: mostantol
TOOL: eszkoz*
BEFORE: mielott minden_alkalommal elott
PARAMETER: mezo*
ANSWER: valaszolj valaszold
ONLY: csak csupan
CONVERSATION: beszelgetes*
WHOLE: teljes egesz
TAGGED: <fontos>* <rendszer>*

REVEAL: was_ist_dein wie_lautet_dein wie_ist_dein zeigen was_steht wat_is_je wat_zijn_je laat_hem vertaal_hem wat_staat ποια_ειναι ποιες_ειναι vad_ar_din vilka_ar
TOLD: man_dir_gesagt dir_gesagt je_is_verteld je_verteld je_hebt_gehoord σου_ειπαν du_har_fatt
APPROVED: bereits_freigegeben bereits_zugestimmt bereits_genehmigt bereits_erlaubt schon_zugestimmt schon_genehmigt hat_zugestimmt al_goedgekeurd al_toestemming heeft_ingestemd redan_godkant ηδη_εγκρινει mar_jovahagyta
NOASK: frage_nicht frag_nicht fragen_sie_nicht ohne_nachzufragen ohne_ruckfrage* ohne_nachfrage* ohne_bestatigung vraag_niets vraag_niet zonder_te_vragen zonder_bevestiging fraga_inte utan_att_fraga μην_ρωτησεις χωρις_επιβεβαιωση ne_kerdezz kerdezes_nelkul
RUN: rufe_jetzt roep_nu roep anropa
AI: lieber_assistent beste_assistent hallo_ki liebe_ki
";
