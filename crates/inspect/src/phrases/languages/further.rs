//! Words of languages that attackers choose because few filters know them. Only the plain forms: set instructions aside,
//! show them, take a new task, tell nobody. Data only.

/// One language a section; a class a line.
pub(super) const WORDS: &str = "
IGNORE: puuza sahau usifuate acha_kufuata achana_na usijali
PRIOR: yaliyotangulia ya_awali yaliyopita hapo_juu ya_kwanza yote_ya_awali
ORDER: maagizo maelekezo sheria amri kanuni
TOLD: uliyopewa uliyoambiwa kabla_ya_mazungumzo maandishi_ya_juu
REVEAL: onyesha fichua rudia nakili niambie andika
SYSPROMPT: maagizo_yako maagizo_ya_mfumo kidokezo_cha_mfumo maelekezo_yako
REPEAT: neno_kwa_neno
YOUARE: sasa_wewe_ni wewe_sasa_ni kuanzia_sasa_wewe
NOLIMITS: bila_vikwazo bila_sheria
NOT: usimwambie usiseme usitaje
TELL: usimwambie usiseme usitaje
USER: mtumiaji mwenye_akaunti
NEWTASK: kazi_yako_mpya maagizo_mapya kazi_mpya
SEND: tuma
READ: soma
SENSITIVE: nenosiri
AI: akili_bandia programu_inayosoma msaidizi
BEFORE: kabla_ya
ONLY: pekee
CONVERSATION: mazungumzo

IGNORE: shperfill shperfilli mos_i_ndiq lere_menjane harroni injoro_te
PRIOR: te_mepareshme meparshme me_siper te_meparshmet
ORDER: udhezimet urdherat rregullat udhezimeve
REVEAL: trego shfaq zbulo perserit shkruaj
SYSPROMPT: udhezimet_e_tua udhezimet_fillestare promptin_e_sistemit
YOUARE: tani_ti_je ti_tani_je
NOLIMITS: pa_kufizime pa_rregulla
NOT: mos
TELL: trego_perdoruesit i_thuaj thuaj
USER: perdoruesit perdoruesi
NEWTASK: detyra_jote_e_re detyra_e_re udhezime_te_reja
SEND: dergo
ANSWER: pergjigju
ONLY: vetem

IGNORE: dean_neamhaird_de dean_dearmad tabhair_neamhaird na_lean cuir_ar_leataobh dearmad_ar
PRIOR: roimhe_seo go_dti_seo thuas uile
ORDER: treoracha orduithe rialacha threoracha na_treoracha
REVEAL: taispeain nocht inis priontail
SYSPROMPT: leid_an_chorais treoracha_an_chorais do_threoracha teachtaireacht_an_chorais
YOUARE: is_tusa_anois anois_is_tu
NOT: gan
TELL: inis_don luaigh_leis
USER: usaideoir don_usaideoir
NEWTASK: tasc_nua treoracha_nua do_thasc_nua
SEND: seol
ANSWER: freagair
ONLY: amhain

IGNORE: leig_seachad na_lean diochuimhnich cuir_an_dara_taobh na_gabh_suim
PRIOR: roimhe_seo roimhe gu_h-ard uile
ORDER: stiuireadh stiuiridhean ordughan riaghailtean oideachadh
REVEAL: seall innis foillsich sgriobh
SYSPROMPT: stiuireadh_an_t-siostaim brath_an_t-siostaim do_stiuireadh teachdaireachd_an_t-siostaim
YOUARE: is_tusa_a-nis a-nis_is_tu
NOT: gun
TELL: innis_don
USER: cleachdaiche don_chleachdaiche
NEWTASK: obair_ur gniomh_ur stiuireadh_ur
SEND: cuir_gu
ANSWER: freagair
ONLY: a-mhain

IGNORE: unganaki ungayinaki ziba khohlwa indiva shaya_indiva
PRIOR: edlule yangaphambilini yangaphambili yakuqala ngaphambili
ORDER: imiyalelo imiyalo imithetho iziqondiso
REVEAL: bonisa veza khombisa phinda bhala ngitshele
SYSPROMPT: imiyalelo_yesistimu imiyalelo_yakho umyalezo_wesistimu
YOUARE: manje_usuyi manje_ungu
NOT: ungatsheli ungamtsheli
TELL: ungatsheli ungamtsheli
USER: umsebenzisi
NEWTASK: umsebenzi_omusha imiyalelo_emisha umsebenzi_wakho_omusha
SEND: thumela
ANSWER: phendula
ONLY: kuphela

IGNORE: anwybyddwch anwybydda anghofiwch anghofia peidiwch_a_dilyn
PRIOR: blaenorol uchod cynharach gwreiddiol
ORDER: cyfarwyddiadau gorchmynion rheolau
REVEAL: dangoswch dangos datgelwch datgela ailadroddwch
SYSPROMPT: anogwr_y_system cyfarwyddiadau_system eich_cyfarwyddiadau dy_gyfarwyddiadau
YOUARE: rydych_chi_nawr rwyt_ti_nawr
NOT: peidiwch
TELL: dweud
USER: defnyddiwr wrth_y_defnyddiwr
NEWTASK: tasg_newydd cyfarwyddiadau_newydd
SEND: anfonwch anfon
ONLY: yn_unig

IGNORE: yi_watsi ka_manta ku_manta ka_yi_watsi kada_ka_bi
PRIOR: na_baya da_suka_gabata na_sama na_farko
ORDER: umarnin umarni dokoki ka'idoji umarnai
REVEAL: nuna bayyana fada_min rubuta
SYSPROMPT: umarnin_tsarin umarninka
YOUARE: yanzu_kai yanzu_kai_ne
NOT: kada kar
TELL: gaya fada
USER: mai_amfani
NEWTASK: sabon_aiki sabon_umarni
SEND: aika
ONLY: kawai

IGNORE: hunsadu hunsa gleymdu gleymid ekki_fylgja slepptu
PRIOR: fyrri ofangreind* adur upphaflegu ollum_fyrri
ORDER: fyrirmaeli* leidbeining* reglur reglum skipanir
REVEAL: syndu birtu segdu_mer endurtaktu skrifadu
SYSPROMPT: kerfisfyrirmaeli* kerfisskilabod* leidbeiningarnar_tinar fyrirmaelin_tin
YOUARE: nu_ert_tu tu_ert_nu
NOT: ekki aldrei
TELL: segja nefna segdu
USER: notanda* notandinn
NEWTASK: nytt_verkefni ny_fyrirmaeli nyjar_leidbeiningar
SEND: sendu
ANSWER: svaradu
ONLY: adeins bara

IGNORE: injora injoraw insa insew tinjorax ighti_kas tinsiex
PRIOR: precedenti ta_qabel preċedenti ta'_qabel
ORDER: istruzzjonijiet l-istruzzjonijiet regoli ordnijiet
REVEAL: ikxef irrepeti ghidli
SYSPROMPT: istruzzjonijiet_tas-sistema l-istruzzjonijiet_tieghek
NOT: m'ghandekx
TELL: tghid
USER: l-utent lill-utent
NEWTASK: kompitu_gdid istruzzjonijiet_godda
SEND: ibghat
ONLY: biss

IGNORE: baztertu ez_ikusi ahaztu ezikusi_egin ez_jarraitu alde_batera_utzi
PRIOR: aurreko goiko lehengo aurretiko
ORDER: jarraibideak jarraibide aginduak arauak argibideak
REVEAL: erakutsi azaldu errepikatu esan idatzi
SYSPROMPT: sistemaren_jarraibideak zure_jarraibideak sistemaren_gonbita sistema-mezua
YOUARE: orain_zu_zara orain_hau_zara
NOT: ez
TELL: esan aipatu
USER: erabiltzaileari erabiltzailea
NEWTASK: zeregin_berria jarraibide_berriak zure_zeregin_berria
SEND: bidali
ONLY: bakarrik soilik
";
