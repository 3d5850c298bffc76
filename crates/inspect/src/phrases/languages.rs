//! The lexicon in other languages: the words that orders to set instructions aside, to hide something, to show hidden
//! instructions or to change roles are made of. Every word also carries the class `FOREIGN`, since word order differs
//! and rules for it look at nearness instead.

mod eastern;
mod further;
mod germanic;
mod romance;
mod slavic;
mod southern;

/// All words: one language a section, a class a line. A trailing `.` stands for no other ending, where a script inflects.
pub const LANGUAGES: &[&str] =
    &[PLAIN, romance::WORDS, germanic::WORDS, slavic::WORDS, eastern::WORDS, southern::WORDS, further::WORDS];

/// The words that were known first, of all languages.
const PLAIN: &str = "
IGNORE: ignora ignorar ignore ignoren ignorad olvida olvide olvidar olviden omite descarta desestima no_sigas
PRIOR: anterior anteriores previas previos previa previo de_arriba precedentes antes
ORDER: instrucciones instruccion reglas indicaciones ordenes directrices normas restricciones
SYSPROMPT: prompt_del_sistema instrucciones_del_sistema mensaje_del_sistema tus_instrucciones instrucciones_ocultas
REVEAL: muestra muestrame revela imprime repite dime escribe cuales_son ensename
YOUARE: ahora_eres a_partir_de_ahora_eres desde_ahora_eres actua_como
NOLIMITS: sin_restricciones sin_limites sin_filtros sin_censura
NOT: no nunca sin
TELL: digas menciones informes reveles avises cuentes
USER: usuario al_usuario usuarios
SEND: envia enviar manda reenvia
SENSITIVE: contrasena* contrasenas credenciales clave_api claves
NEWTASK: nueva_tarea nuevas_instrucciones tu_nueva_tarea

IGNORE: ignorez ignorer oublie oubliez oublier ne_tiens_pas_compte ne_tenez_pas_compte ne_suivez_pas ne_suis_pas
PRIOR: precedentes precedente precedents ci-dessus anterieures anterieurs avant
ORDER: instructions consignes regles directives ordres
SYSPROMPT: prompt_systeme invite_systeme instructions_systeme message_systeme tes_instructions vos_instructions
REVEAL: montre montrez affiche affichez revele revelez repete repetez dis-moi quelles_sont donne-moi ecris
YOUARE: tu_es_maintenant vous_etes_maintenant tu_es_desormais vous_etes_desormais agis_comme
NOLIMITS: sans_restriction* sans_limite* sans_filtre* sans_aucune_restriction
TELL: mentionne mentionnez dites informe informez revele prevenez previens dis
USER: utilisateur l'utilisateur a_l'utilisateur
NOT: ne pas jamais sans n'informez n'informe
SEND: envoie envoyez envoyer transmets transmettez
SENSITIVE: mot_de_passe mots_de_passe identifiants cle_api cles
NEWTASK: nouvelle_tache nouvelles_instructions

IGNORE: ignoriere ignorieren ignoriert vergiss vergessen missachte missachten beachte_nicht befolge_nicht ubergehe
PRIOR: vorherigen vorherige bisherigen bisherige vorigen obigen fruheren vorangegangenen vorhergehenden zuvor oben
ORDER: anweisungen anweisung instruktionen regeln befehle vorgaben richtlinien
SYSPROMPT: systemprompt system-prompt systemanweisung* systemnachricht deine_anweisungen ihre_anweisungen
REVEAL: zeige zeig gib nenne wiederhole verrate drucke was_sind wie_lautet wie_lauten schreibe
YOUARE: du_bist_jetzt du_bist_nun sie_sind_jetzt ab_jetzt_bist_du ab_sofort_bist_du
NOLIMITS: ohne_einschrankung* ohne_beschrankung* ohne_filter ohne_regeln
NOT: nicht kein keine niemals ohne nie
TELL: erwahne erwahnen sage informiere informieren verrate mitteilen benachrichtige
USER: benutzer nutzer dem_benutzer dem_nutzer anwender
SEND: sende schicke senden ubermittle leite
SENSITIVE: passwort passworter zugangsdaten api-schlussel anmeldedaten
NEWTASK: neue_aufgabe neue_anweisung* deine_neue_aufgabe

IGNORE: ignora ignorate ignorare dimentica dimenticate dimenticare trascura non_seguire non_seguite
PRIOR: precedenti precedente sopra prima
ORDER: istruzioni istruzione regole comandi direttive indicazioni
SYSPROMPT: prompt_di_sistema istruzioni_di_sistema le_tue_istruzioni messaggio_di_sistema
REVEAL: mostra mostrami rivela stampa ripeti dimmi scrivi quali_sono
YOUARE: ora_sei adesso_sei d'ora_in_poi_sei tu_ora_sei
NOLIMITS: senza_restrizioni senza_limiti senza_filtri
NOT: non mai senza
TELL: menzionare dire informare rivelare avvisare
USER: utente all'utente l'utente
SEND: invia inviare manda spedisci
SENSITIVE: credenziali chiave_api chiavi
NEWTASK: nuovo_compito nuove_istruzioni

IGNORE: ignore desconsidere esqueca ignora esquece desconsiderar ignorem nao_siga
PRIOR: anteriores anterior previas acima
ORDER: instrucoes instrucao regras ordens diretrizes comandos
SYSPROMPT: prompt_do_sistema instrucoes_do_sistema suas_instrucoes mensagem_do_sistema
REVEAL: mostre revele imprima repita diga me_diga escreva quais_sao mostra
YOUARE: agora_voce_e voce_agora_e voce_e_agora a_partir_de_agora_voce
NOLIMITS: sem_restricoes sem_limites sem_filtros sem_censura
NOT: nao nunca sem
TELL: mencione conte informe revele avise
USER: usuario utilizador ao_usuario
SEND: envie envia mande encaminhe
SENSITIVE: senha senhas credenciais chave_de_api
NEWTASK: nova_tarefa novas_instrucoes

IGNORE: negeer negeren vergeet vergeten sla_over volg_niet
PRIOR: vorige eerdere voorgaande bovenstaande voorafgaande
ORDER: instructies opdrachten regels aanwijzingen richtlijnen
SYSPROMPT: systeemprompt systeeminstructies je_instructies
REVEAL: toon laat_zien herhaal geef onthul
YOUARE: je_bent_nu u_bent_nu jij_bent_nu
NOT: niet nooit geen zonder
TELL: vertel vermeld meld informeer
USER: gebruiker de_gebruiker

IGNORE: ignoruj zignoruj zapomnij pomin nie_przestrzegaj
PRIOR: poprzednie poprzednich wczesniejsze wczesniejszych powyzsze dotychczasowe
ORDER: instrukcje instrukcji polecenia polecen zasady wytyczne
SYSPROMPT: prompt_systemowy instrukcje_systemowe monit_systemowy
REVEAL: pokaz ujawnij wyswietl powtorz podaj
YOUARE: jestes_teraz teraz_jestes od_teraz_jestes
NOT: nie nigdy bez
TELL: mow wspominaj informuj
USER: uzytkownikowi uzytkownika uzytkownik

IGNORE: yok_say yoksay gormezden_gel unut dikkate_alma goz_ardi_et
PRIOR: onceki yukaridaki daha_onceki
ORDER: talimatlari talimatlar talimat yonergeleri kurallari komutlari
SYSPROMPT: sistem_istemi sistem_istemini sistem_talimatlari
REVEAL: goster yazdir acikla tekrarla soyle
YOUARE: artik_sen sen_artik simdi_sen
TELL: soyleme bahsetme bildirme
USER: kullaniciya kullanici
NOT: kullaniciya

IGNORE: abaikan lupakan hiraukan
PRIOR: sebelumnya terdahulu di_atas sebelum_ini
ORDER: instruksi perintah aturan arahan
SYSPROMPT: prompt_sistem instruksi_sistem
REVEAL: tampilkan tunjukkan ungkapkan ulangi cetak
YOUARE: kamu_sekarang_adalah anda_sekarang_adalah sekarang_kamu_adalah
NOT: jangan tanpa
TELL: beri_tahu beritahu sebutkan katakan
USER: pengguna kepada_pengguna

IGNORE: bo_qua quen phot_lo dung_lam_theo quen_di
PRIOR: truoc_do truoc phia_tren o_tren
ORDER: huong_dan chi_dan lenh quy_tac chi_thi
SYSPROMPT: loi_nhac_he_thong nhac_he_thong
REVEAL: hien_thi tiet_lo in_ra lap_lai cho_toi
YOUARE: bay_gio_ban_la tu_gio_ban_la
NOT: dung khong
TELL: noi_voi cho_biet nhac_den
USER: nguoi_dung

IGNORE: ignorera glom bortse_fran strunta_i
PRIOR: tidigare foregaende ovanstaende
ORDER: instruktioner regler anvisningar
SYSPROMPT: systemprompten systeminstruktioner
REVEAL: visa avsloja skriv_ut upprepa
YOUARE: du_ar_nu
NOT: inte aldrig
TELL: beratta namn informera
USER: anvandaren

IGNORE: ignoruj zapomen ignorujte zapomente nedbej
PRIOR: predchozi vsechny_predchozi vyse_uvedene
ORDER: pokyny instrukce pravidla prikazy
REVEAL: zobraz ukaz vypis zopakuj
SYSPROMPT: systemovy_prompt systemove_pokyny

IGNORE: ignora ignorati uita uitati nu_urma
PRIOR: anterioare precedente de_mai_sus anterior
ORDER: instructiunile instructiuni regulile comenzile
REVEAL: arata afiseaza dezvaluie repeta
SYSPROMPT: promptul_de_sistem instructiunile_de_sistem

IGNORE: игнорируй. игнорируйте. проигнорируй. забудь. забудьте. не_следуй отбрось. отмени. пренебреги.
PRIOR: предыдущие предыдущих прежние прошлые вышеуказанные выше все_прежние данные_ранее ранее
ORDER: инструкции инструкций указания указаний команды правила распоряжения
SYSPROMPT: системный_промпт системный_запрос системные_инструкции системную_подсказку системное_сообщение
SYSPROMPT: свои_инструкции твои_инструкции
REVEAL: покажи покажите выведи раскрой повтори напиши скажи напечатай
YOUARE: ты_теперь теперь_ты вы_теперь с_этого_момента_ты отныне_ты
NOLIMITS: без_ограничений без_фильтров без_цензуры
NOT: не никогда без
TELL: говори сообщай упоминай рассказывай сообщайте упоминайте говорите
USER: пользователю пользователя пользователь
SEND: отправь отправьте перешли пошли отправить
SENSITIVE: пароль пароли пароля учетные_данные ключ_api токен ключи
NEWTASK: новая_задача новые_инструкции твоя_новая_задача

IGNORE: ігноруй ігноруйте забудь забудьте проігноруй
PRIOR: попередні попередніх вище
ORDER: інструкції інструкцій вказівки правила
REVEAL: покажи виведи розкрий повтори
SYSPROMPT: системний_промпт системні_інструкції
YOUARE: тепер_ти ти_тепер

IGNORE: αγνοησε αγνοηστε ξεχασε ξεχαστε
PRIOR: προηγουμενες προηγουμενων παραπανω
ORDER: οδηγιες οδηγιων εντολες κανονες
REVEAL: δειξε αποκαλυψε εμφανισε
SYSPROMPT: προτροπη_συστηματος οδηγιες_συστηματος

IGNORE: 忽略 忽視 忽视 无视 忘记 忘記 忘掉 不要理会 不要遵守 不要遵循 抛弃
PRIOR: 之前 先前 以前 上面 以上 前面 上述 此前 原有
ORDER: 指令 指示 说明 說明 规则 規則 提示 命令 要求 约束 限制
SYSPROMPT: 系统提示 系統提示 系统指令 系统消息 初始指令 提示词 系统prompt 你的指令 隐藏指令
REVEAL: 显示 顯示 告诉我 告訴我 输出 輸出 打印 泄露 重复 重複 说出 展示 透露 给我
YOUARE: 你现在是 你現在是 从现在起你 从现在开始你 现在你是 扮演 你将扮演
NOLIMITS: 没有任何限制 不受限制 不受任何限制 没有限制 无限制 不受约束
NOT: 不要 别 不得 切勿 不能 请勿 勿
TELL: 告诉 提及 提到 透露 告知 通知
USER: 用户 使用者 用戶
SEND: 发送 發送 发给 上传 转发 发到
SENSITIVE: 密码 密碼 密钥 凭据 凭证 令牌 私钥
NEWTASK: 新任务 新的任务 新指令 新的指令

IGNORE: 忘れ 従わない
PRIOR: 以前 これまで 前の 上記 今まで 先ほど 上の
ORDER: 指示 命令 ルール 指令 プロンプト 規則 制約
SYSPROMPT: システムプロンプト システムメッセージ 初期プロンプト システム指示
REVEAL: 表示 教えて 出力 見せて 明かして 繰り返して 開示 公開
YOUARE: あなたは今から 今からあなたは これからあなたは あなたは今
NOLIMITS: 制限なし 制限のない 制約のない
NOT: ないで しない 決して
TELL: 言わ 伝え 知らせ 言及 教え
USER: ユーザー 利用者

IGNORE: 잊어 잊으 따르지_마 따르지_말
PRIOR: 이전 앞의 위의 지금까지 기존
ORDER: 지시 명령 규칙 지침 프롬프트 지시사항
SYSPROMPT: 시스템_프롬프트 시스템프롬프트 시스템_메시지 시스템_지시
REVEAL: 보여 출력 알려 공개 반복 말해
YOUARE: 너는_이제 당신은_이제 이제_너는 이제_당신은 지금부터_너는 지금부터_당신은
NOT: 말고 마세요 마라 하지_마 절대
TELL: 말하지 알리지 언급하지
USER: 사용자

IGNORE: تجاهل تجاهلي تجاهلوا انس انسي اهمل لا_تتبع
PRIOR: السابقه السابق اعلاه الماضيه
ORDER: التعليمات تعليمات الاوامر القواعد الارشادات
SYSPROMPT: موجه_النظام تعليمات_النظام رساله_النظام
REVEAL: اظهر اعرض اكشف كرر اطبع
YOUARE: انت_الان الان_انت من_الان_فصاعدا
NOT: لا دون بدون
TELL: تخبر تذكر تبلغ
USER: المستخدم

IGNORE: अनदेखा नजरअंदाज भूल_जाओ भूल_जाएं उपेक्षा नज़रअंदाज़ अनदेखी इग्नोर
PRIOR: पिछले पिछली पूर्व पहले ऊपर
ORDER: निर्देशों निर्देश आदेश आदेशों नियमों नियम
SYSPROMPT: सिस्टम_प्रॉम्प्ट सिस्टम_निर्देश
REVEAL: दिखाओ दिखाएं बताओ बताएं प्रकट
YOUARE: अब_तुम अब_आप तुम_अब आप_अब

IGNORE: התעלם התעלמי התעלמו שכח שכחו
PRIOR: הקודמות הקודם קודמות לעיל
ORDER: ההוראות הוראות הנחיות ההנחיות הכללים
REVEAL: הצג חשוף הדפס
SYSPROMPT: הנחיית_המערכת הוראות_המערכת

IGNORE: نادیده فراموش
PRIOR: قبلی پیشین بالا
ORDER: دستورات دستورالعمل دستورالعمل‌ها قوانین دستورهای
REVEAL: نشان نمایش
SYSPROMPT: پرامپت_سیستم

IGNORE: ละเว้น เพิกเฉย ลืม ไม่ต้องสนใจ ไม่สนใจ
PRIOR: ก่อนหน้า ข้างต้น ที่ผ่านมา
ORDER: คำสั่ง คำแนะนำ กฎ
SYSPROMPT: พรอมต์ระบบ คำสั่งระบบ
REVEAL: แสดง บอก เปิดเผย

IGNORE: উপেক্ষা ভুলে
PRIOR: পূর্ববর্তী আগের
ORDER: নির্দেশাবলী নির্দেশ নির্দেশনা

IGNORE: injoro shperfill harro injoroni
PRIOR: meparshme meparshem te_mesiperme
ORDER: udhezimet udhezimeve rregullat
REVEAL: shfaq trego zbulo
SYSPROMPT: mesazhi_i_sistemit mesazhin_e_sistemit udhezimet_e_sistemit

IGNORE: dean_neamhaird neamhaird deann
PRIOR: roimhe roimhe_seo
ORDER: treoracha treoir rialacha
SYSPROMPT: theachtaireacht_chorais teachtaireacht_chorais

IGNORE: leig_seachad diochuimhnich
PRIOR: roimhe roimhe_seo
ORDER: stiuiridhean riaghailtean

IGNORE: unganaki ziba khohlwa
PRIOR: yangaphambili edlule
ORDER: imiyalo imiyalelo

AI: asistente_de_ia modelo_de_lenguaje para_la_ia una_ia la_ia assistant_ia modele_de_langage une_ia l'ia
AI: sprachmodell ki-assistent die_ki eine_ki ki-agent modello_linguistico assistente_ia un'ia l'ia
AI: modelo_de_linguagem assistente_de_ia uma_ia taalmodel ai-assistent model_jezykowy asystent_ai asystencie_ai
AI: modelem_jezykowym asystentem_ai yapay_zeka* dil_modeli* model_bahasa asisten_ai tro_ly_ai mo_hinh_ngon_ngu
AI: языковая_модель языковой_моделью ии-ассистент для_ии ассистенту искусственный_интеллект помічник для_ші асистенте мовна_модель
AI: 人工智能 语言模型 語言模型 ai助手 致ai 大模型 アシスタント 言語モデル aiへ 어시스턴트 언어_모델 ai에게 인공지능
AI: نموذج_لغة للمساعد ذكاء_اصطناعي مساعد_ذكاء للذكاء هوش_مصنوعی مدل_زبانی एआई भाषा_मॉडल
NEWTASK: ta_nouvelle_tache nouvelle_consigne debes_ahora ahora_debes hacer_lo_siguiente nueva_instruccion agora_voce_deve
NEWTASK: du_musst_jetzt ab_sofort_gilt nuovo_incarico istruzione_nuova nieuwe_taak nieuwe_instructies nowe_zadanie
NEWTASK: nowe_instrukcje yeni_gorev* yeni_talimat* tugas_baru* instruksi_baru nhiem_vu_moi huong_dan_moi novy_ukol
NEWTASK: nove_pokyny nya_uppgift nya_instruktioner новое_задание новые_указания нове_завдання нові_інструкції
NEWTASK: 接下来只 新任务 新しいタスク 新しい指示 새_지시 مهمتك_الجديدة تعليمات_جديده وظیفه_جدید
NEWTASK: دستورات_جدید नए_निर्देश नया_कार्य आपका_नया
INSTEAD: en_su_lugar en_lugar_de_eso a_la_place au_lieu_de_cela stattdessen invece em_vez_disso in_plaats_daarvan
INSTEAD: zamiast_tego bunun_yerine sebagai_gantinya thay_vao_do misto_toho i_stallet вместо_этого натомість 而是 代わりに
INSTEAD: 대신 بدلا_من_ذلك इसके_बजाय
USER: utilizador gebruikers benutzern uzytkownikowi uzivatel* anvandare* kullanicidan користувачеві користувача کاربر
USER: उपयोगकर्ता
SEND: stuur zend wyslij przeslij gonder* kirim* gui posli skicka надішли надіслати 送って 送信 보내 전송 ارسل حول भेजो भेज بفرست
SENSITIVE: wachtwoord haslo sifre* kata_sandi mat_khau heslo losenord* parolu пароль パスワード 비밀번호 암호 كلمه_المرور
SENSITIVE: كلمه_السر पासवर्ड رمز_عبور
TELL: no_se_lo_digas n'en_parle ne_mentionne erwahne_diese sag_dem non_dirlo non_menzionare nao_conte vertel_dit noem_deze
TELL: nie_mow nie_wspominaj bundan_bahset* jangan_beri dung_noi nerikej beratta_inte не_кажи не_говори 言わない 触れない 말하지
TELL: 언급하지 لا_تخبر لا_تذكر मत_बताना به_کاربر_نگو
RUN: borra elimina supprime losche cancella apague verwijder usun sil hapus xoa smaz radera удали видали 删除 削除 삭제 احذف हटा حذف
REMEMBER: souviens-toi recuerda merke_dir ricorda lembre-se запомни 记住 記住 覚えて 기억
ACTAS: actua_como agis_comme verhalte_dich comportati_come aja_como
";
