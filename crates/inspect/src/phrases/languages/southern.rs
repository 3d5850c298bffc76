//! Words of Arabic, Persian, Hebrew, Turkish, Hindi and Bengali, Hindi in Latin letters too. Data only.

/// One language a section; a class a line.
pub(super) const WORDS: &str = "
IGNORE: تجاهل. تجاهلي. تجاهلوا. تجاهلها. انس. انسي. اهمل. اهملي. دعك_من دعك لا_تلتزم لا_تتبع لا_تعمل_ب تخط. تجاوز. لا_تلق_بالا تغاض اطرح_جانبا ضع_جانبا
IGNORE: لا_تنفذ توقف_عن_اتباع لا_تعر لا_تطع اترك_ما انسى. لا_تهتم_ب خالف.
PRIOR: سابقا السابقين ما_سبق قبل_هذا المتقدمه الاصليه الاوليه حتي_الان القديمه المذكوره_اعلاه الاصلي سبق
ORDER: التوجيهات توجيهات اوامر قواعد القيود قيود ارشادات سياسات الضوابط تعليماتك المهمه الحدود
TOLD: ما_قيل_لك قيل_لك ما_قالوه_لك قالوه_لك ما_طلبه_منك طلبه_منك ما_طلب_منك اعطي_لك الذي_اعطي النص_اعلاه قبل_هذا_السطر قبل_بدايه_هذه
TOLD: قبل_هذه_المحادثه الرسائل_السابقه الكلام_السابق ما_ورد_اعلاه النص_السابق ما_تلقيته تلقيتها اعطيت_لك ما_تم_اخبارك
LAPSED: لاغ. لاغيه ملغاه لم_تعد_ساريه لم_تعد_صالحه بطلت غير_ساريه تم_الغاء
EVERYTHING: كل. جميع كل_ما كل_شيء كافه كل_سؤال
SYSPROMPT: تعليماتك_الاصليه تعليماتك_السريه تعليماتك_الداخليه التعليمات_المخفيه تعليماتك موجه_نظامك برومبت نص_النظام التعليمات_الاوليه
REVEAL: اكتب_لي اعطني اذكر. اخبرني افصح انسخ. ارني اعد_كتابه ترجم لخص سرب
REPEAT: حرفيا كلمه_بكلمه بالحرف نصا دون_حذف كما_هو كما_هي
YOUARE: انت_من_الان ستكون_من لم_تعد_ملزما منذ_الان_انت من_هذه_اللحظه_انت اصبحت_الان
ACTAS: تظاهر. تصرف_كانك تقمص مثل_دور العب_دور تخيل_انك كانك
NOLIMITS: بلا_قيود دون_قيود بدون_قيود بلا_قواعد بدون_قواعد لم_تعد_ملزما غير_مقيد بلا_حدود دون_رقابه لا_قيود متحرر_من بدون_حدود بلا_رقابه
REFUSE: ترفض
NOT: لا. دون بدون لم. الا
TELL: تخبر تخبره تذكر تعلم. تقل تبلغ تبلغه تفصح تشر اخبار
USER: للمستخدم المستخدمين صاحب_الحساب صاحبك العميل
WITHOUT: دون بدون
KNOWING: علم. يعلم معرفه ان_يشعر يلاحظ
SECRETLY: سرا خفيه بالخفاء بسريه في_الخفاء بصمت دون_علم خلسه
SEND: ارسل. ارسلي ارسلوا ارسله ارسلها اعد_توجيه حول. ارفع. انقل. مرر. وجه. ارسال تحويل
READ: اقرا. قراءه افتح. استخرج اجمع. اطلع
INCLUDE: ضع. وضع ادرج اضف. ادخل. ارفق. تضمين مرر.
SENSITIVE: كلمات_المرور كلمه_مرور بيانات_الدخول المفتاح_الخاص مفاتيح بيانات_البطاقه رقم_البطاقه الرمز_السري متغيرات_البيئه بيانات_الاعتماد مفتاح_api
AI: الذكاء_الاصطناعي ذكاء_اصطناعي مساعد_ذكي نموذج_لغوي ايها_النموذج النموذج ايها_المساعد مساعد. المساعد. برنامج_ذكي وكيل_ذكي روبوت
MUST: يجب. عليك. لا_بد يتعين المطلوب_منك يلزم ملزم
NEWTASK: مهمه_جديده التعليمات_الجديده اوامر_جديده هدفك_الجديد مهمتك_الوحيده مهمتك_الان مهمتك_الحقيقيه المطلوب_منك_الان قواعد_جديده
INSTEAD: عوضا_عن بدل_ذلك
FROMNOW: من_الان_فصاعدا من_هذه_اللحظه منذ_الان ابتداء_من_الان بعد_الان من_الان
TOOL: الاداه اداه
BEFORE: قبل_استخدام قبل_استدعاء بعد_كل في_كل_مره قبل_ان عند_كل
PARAMETER: الحقل حقل المعامل المتغير الوسيط
REMEMBER: تذكر_دائما احفظ_في_ذاكرتك خزن_في_ذاكرتك
FUTURE: المحادثات_القادمه جميع_المحادثات كل_المحادثات كل_رد المستقبليه
ANSWER: اجب. اجيبي رد. تجيب اكتب. قل.
ONLY: فقط. لا_غير
CONVERSATION: المحادثه سجل_المحادثه الدردشه محادثه
WHOLE: كامل كامله بالكامل باكملها
RUN: احذف نفذ. شغل. افتح. حمل. انقر
TAGGED: <مهم>* <نظام>* [النظام]* <النظام>* رساله_من_النظام
URGENT: مهم. هام. تنبيه عاجل انتباه
CONTENT: محتواه محتوي

IGNORE: نادیده_بگیر نادیده_بگیرید توجه_نکن رها_کن کنار_بگذار فراموش_کن اعتنا_نکن پیروی_نکن نادیده_گرفته بیخیال دنبال_نکن گوش_نکن
PRIOR: قبلا پیش_از_این تا_اینجا بالایی تاکنون اولیه قبلیت پیشین
ORDER: دستورالعمل دستور فرمانها فرمان قوانین محدودیتها راهنماییها قواعد
TOLD: به_تو_گفتهاند به_تو_زدهاند به_تو_دادهاند قبلا_گفته آن_بالا صاحبت_خواسته متن_بالا پیش_از_شروع_این قبل_از_این_گفتگو گفته_شده پیامهای_قبلی
LAPSED: لغو_شده دیگر_اعتبار_ندارد بیاعتبار باطل_شد لغو_شدند
EVERYTHING: همه تمام همه_چیز هر_چه
SYSPROMPT: دستورات_سیستم پرامپت دستورات_اولیه دستورات_مخفی دستورالعملهای_خود دستورهای_خود دستورات_خود قوانین_خود پیام_سیستم
REVEAL: نشان_بده بگو فاش بنویس تکرار_کن چاپ_کن کپی_کن ترجمه_کن
REPEAT: کلمه_به_کلمه عینا مو_به_مو موبهمو
YOUARE: تو_اکنون تو_حالا_یک از_این_پس_تو از_حالا_تو اکنون_تو
ACTAS: وانمود_کن تظاهر_کن فرض_کن نقش_بازی
NOLIMITS: بدون_محدودیت بدون_قانون بدون_قوانین هیچ_قانونی هیچ_محدودیتی بی_قید
REFUSE: رد_نکن امتناع_نکن رد_کنی
NOT: نگو نکن نده بدون هرگز
TELL: نگو نگویید اطلاع_نده خبر_نده اشاره_نکن فاش_نکن چیزی_نگو بداند
USER: کاربر صاحب مالک
SECRETLY: پنهانی مخفیانه در_خفا یواشکی بیخبر
SEND: بفرست ارسال_کن بفرستد بفرستید فوروارد آپلود
READ: بخوان بخوانید باز_کن
INCLUDE: بگذار قرار_بده اضافه_کن وارد_کن درج_کن
SENSITIVE: گذرواژه رمز کلید_خصوصی کلمه_رمز اطلاعات_ورود کلید_api رمزهای
AI: هوش_مصنوعی دستیار مدل. ای_مدل برنامهای_که ربات
MUST: باید بایستی لازم_است
NEWTASK: وظیفه_جدید دستور_جدید ماموریت_جدید هدف_جدید کار_جدید
INSTEAD: در_عوض به_جای_آن
FROMNOW: از_این_پس از_حالا_به_بعد از_این_به_بعد از_اکنون
TOOL: ابزار
BEFORE: پیش_از_فراخوانی قبل_از_استفاده هر_بار پیش_از_استفاده قبل_از
PARAMETER: پارامتر فیلد
REMEMBER: به_خاطر_بسپار
FUTURE: همه_گفتگوها گفتگوهای_آینده هر_پاسخ
ANSWER: جواب_بده پاسخ_بده بنویس
ONLY: فقط. تنها
CONVERSATION: گفتگو مکالمه تاریخچه_چت
WHOLE: کل. کامل
RUN: حذف_کن اجرا_کن پاک_کن
TAGGED: <مهم>* <سیستم>* [سیستم]* پیام_مدیر_سیستم
CONTENT: محتوایش محتوای

IGNORE: התעלם. התעלמי. התעלמו. תתעלם אל_תתייחס שכח. שכחי תשכח. עזוב. עזבי. תעזוב הנח_בצד אל_תציית אל_תקשיב אל_תפעל_לפי זנח
PRIOR: קודמים שלמעלה המקוריות הקודמים עד_כה הראשוניות לפני_כן קודם
ORDER: פקודות הפקודות כללים הנחיות מגבלות ההגבלות חוקים החוקים
TOLD: מה_שנאמר_לך שנאמר_לך מה_שאמרו_לך שאמרו_לך שקיבלת הטקסט_שלמעלה הטקסט_למעלה לפני_תחילת_השיחה מה_שבעל_החשבון מה_שביקשו ההודעות_הקודמות
LAPSED: מבוטלות מבוטלים בטלות כבר_לא_תקף אינן_תקפות לא_תקפות
EVERYTHING: הכול הכל כל. כל_מה
SYSPROMPT: ההוראות_שלך הנחיות_המערכת ההנחיות_שלך הפרומפט הודעת_המערכת ההוראות_הסודיות ההוראות_הנסתרות
REVEAL: תעתיק העתק תגיד. תגלה תכתוב כתוב. אמור ספר_לי תראה הראה תרגם חזור
REPEAT: מילה_במילה במדויק כלשונו אות_באות
YOUARE: אתה_עכשיו מעכשיו_אתה כעת_אתה מהיום_אתה מרגע_זה_אתה אינך_עוד
ACTAS: תתנהג_כאילו התנהג_כאילו העמד_פנים שחק_תפקיד דמיין_שאתה
NOLIMITS: ללא_מגבלות בלי_מגבלות ללא_כללים בלי_כללים אין_לך_שום ללא_הגבלות בלי_צנזורה חופשי_מכל
REFUSE: מסרב תסרב לסרב
NOT: אל. לא. בלי ללא
TELL: תספר תגלה תזכיר תאמר תודיע לספר
USER: למשתמש משתמש המשתמש בעל_החשבון הבעלים
SECRETLY: בחשאי בסתר בסודיות מאחורי_גבו
SEND: שלח. תשלח העבר. העבירי לשלוח תעביר העלה
READ: קרא. תקרא פתח.
INCLUDE: הכנס. הוסף. צרף. הזן.
SENSITIVE: סיסמה הסיסמה סיסמאות מפתח_פרטי מילת_הסוד פרטי_התחברות
AI: בינה_מלאכותית מודל_שפה מודל. עוזר. העוזר לתוכנה
MUST: עליך חייב חובה יש.
NEWTASK: המשימה_החדשה משימה_חדשה הוראות_חדשות המשימה_שלך
INSTEAD: במקום_זאת
FROMNOW: מעכשיו מעתה מרגע_זה
TOOL: הכלי כלי.
BEFORE: לפני_הקריאה לפני_השימוש בכל_שימוש לפני_כל
PARAMETER: פרמטר שדה
ANSWER: ענה. עונה תענה
ONLY: רק. בלבד
CONVERSATION: השיחה היסטוריית_השיחה
WHOLE: את_כל כולה
RUN: מחק. הרץ. בצע.
TAGGED: <חשוב>* <מערכת>* [מערכת]* הודעת_מנהל_המערכת
CONTENT: תוכנו תוכן

IGNORE: bos_ver birak aldirma dikkate_alma aldiris_etme kulak_asma uyma yok_farz_et bir_kenara_birak unutun unutmalisin goz_ardi_edin
IGNORE: yok_sayin dikkate_almayin gecersiz_say onemseme takma_kafana gormezden_gelin kenara_birak ignore_et
PRIOR: onceden daha_once yukarida ilk simdiye_kadar yukaridaki onceki tum_onceki verilen
ORDER: talimat* yonerge* kural* emir emirleri komut* kisitlama* sinirlama* direktif* gorevi
TOLD: sana_soylenen* sana_verilen* sana_anlatilan* sana_daha_once yukarida_soylenen* sohbet_baslamadan sahibinin_verdigi yukaridaki_metin*
TOLD: onceki_mesaj* aldigin size_soylenen* size_verilen* sana_denilen*
LAPSED: iptal_edildi gecersizdir gecersiz artik_gecerli_degil hukumsuz yururlukten_kalkti
EVERYTHING: her_sey* tum butun hepsini
SYSPROMPT: sistem_prompt* sistem_mesaj* talimatlarini talimatlariniz* gizli_talimat* ilk_talimat* baslangic_talimat* kurallarini ic_talimat*
SYSPROMPT: sistem_komut* promptunu
REVEAL: kopyala yaz goster soyle paylas acik_et ifsa_et aktar cevir listele dok
REPEAT: kelimesi_kelimesine kelime_kelime harfi_harfine aynen oldugu_gibi
YOUARE: bundan_sonra_sen bundan_boyle_sen artik_bir sen_simdi artik_sen su_andan_itibaren_sen
ACTAS: gibi_davran rolunu_oyna numarasi_yap rol_yap mis_gibi_davran
NOLIMITS: kurali_olmayan kuralsiz sinirsiz kisitlamasiz hicbir_kural* hicbir_kisitlama* sansursuz filtresiz sinirlari_olmayan
REFUSE: reddetme reddetmeden asla_reddetme
NOT: asla gerek_yok olmadan
TELL: soyleme bahsetme soz_etme haber_verme* bildirme anlatma belli_etme duyurma soylemeyin bahsetmeyin
USER: kullanici* sahibin* sahibine
SECRETLY: gizlice gizli_olarak sessizce caktirmadan haberi_olmadan haberi_olmaksizin
SEND: gonder yolla aktar ilet yukle yollamak gondermek gondermelisin
READ: oku dosyayi_ac okuyun okumalisin
INCLUDE: koy ekle yerlestir gir yaz
SENSITIVE: parola* sifreyi sifreleri gizli_anahtar* ozel_anahtar* api_anahtar* kimlik_bilgi* gizli_kelime* kredi_kart*
AI: asistan* modelim yapay_zek* ey_model hey_model yazilima
MUST: zorunlu* gerekir gerekiyor gerek mutlaka malisin
NEWTASK: yeni_gorevin tek_gorevin yeni_emir* yeni_kural* yeni_hedef* asil_gorev*
INSTEAD: yerine onun_yerine
FROMNOW: bundan_boyle bundan_sonra su_andan_itibaren artik simdiden_sonra
TOOL: arac araci araclar fonksiyon
BEFORE: cagirmadan kullanmadan her_kullanim* her_cagri* baslamadan
PARAMETER: parametre*
REMEMBER: hafizana_kaydet aklinda_tut unutma_ki hafizaya_kaydet
FUTURE: gelecekteki_tum tum_sohbet* her_yanit* gelecek_sohbet*
ANSWER: cevap_ver yanit_ver cevapla yanitla yaz
ONLY: sadece yalnizca yalniz
CONVERSATION: konusma* sohbet* sohbet_gecmisi*
WHOLE: tum_konusma* tamamini butun
RUN: calistir indir tikla kur
TAGGED: <onemli>* <sistem>* [sistem]*
URGENT: onemli dikkat acil

IGNORE: छोड़_दो छोड़_दें छोड़ो ध्यान_मत_दो ध्यान_न_दें भुला_दो भूल_जाइए मत_मानो न_मानें अनदेखा_करो नज़रअंदाज़_करो परवाह_मत अनसुना दरकिनार रद्द_समझो
IGNORE: नज़रअंदाज_कर नजरंदाज भूल_जा
PRIOR: पुराने पहले_वाले अब_तक शुरुआती मूल पिछला ऊपर_दिए ऊपर_जो सारे_पिछले
ORDER: निर्देशों हिदायतें हिदायत हुक्म पाबंदी प्रतिबंध काम. इंस्ट्रक्शन
TOLD: जो_कहा_गया कहा_गया_था दिया_गया_था दिए_गए_थे ऊपर_जो_कहा ऊपर_का_पाठ ऊपर_लिखा बातचीत_शुरू_होने तुम्हें_जो आपको_जो पिछले_संदेश पहले_बताया
LAPSED: रद्द_किए रद्द_कर_दिए अमान्य लागू_नहीं खत्म_हो_चुके रद्द_हैं रद्द_माने
EVERYTHING: सारे सभी सब हर_सवाल सब_कुछ
SYSPROMPT: अपने_निर्देश अपना_प्रॉम्प्ट आपके_निर्देश तुम्हारे_निर्देश छिपे_निर्देश शुरुआती_निर्देश सिस्टम_संदेश अपने_नियम गुप्त_निर्देश
REVEAL: लिखो लिखें दिखा दोहराओ दोहराएं बता. सुनाओ खोलो अनुवाद
REPEAT: हूबहू शब्दशः अक्षरशः ज्यों_का_त्यों शब्द_दर_शब्द
YOUARE: आज_से_तुम आज_से_आप अब_से_आप अब_से_तुम तुम_अब_से
ACTAS: नाटक_करो बनने_का_नाटक का_किरदार की_तरह_व्यवहार मान_लो_कि_तुम
NOLIMITS: बिना_किसी_नियम बिना_नियम बिना_प्रतिबंध बिना_किसी_प्रतिबंध कोई_पाबंदी_नहीं कोई_नियम_नहीं कोई_सीमा_नहीं बिना_किसी_रोक
REFUSE: मना_नहीं_करोगे मना_मत इनकार_मत मना_नहीं
NOT: मत न नहीं बिना
TELL: बताना बताओ बताएं ज़िक्र उल्लेख पता_न कुछ_मत
USER: यूज़र यूजर उपयोगकर्ता मालिक
SECRETLY: चुपके चुपचाप गुप्त_रूप छिपकर चोरी-छिपे
SEND: भेजें भेजनी भेजना भेज_दो भेजिए फॉरवर्ड अपलोड
READ: पढ़ो पढ़ें पढ़कर खोलकर खोलो
INCLUDE: डालो डालें जोड़ो शामिल रखो भरो
SENSITIVE: पासवर्ड गुप्त_शब्द निजी_कुंजी एपीआई_कुंजी क्रेडिट_कार्ड लॉगिन
AI: कृत्रिम_बुद्धिमत्ता एआई सहायक मॉडल सुनो_मॉडल
MUST: चाहिए ज़रूरी अनिवार्य होगा है_कि
NEWTASK: नया_काम नया_आदेश तुम्हारा_नया नए_आदेश नए_नियम
INSTEAD: बदले_में बजाय
FROMNOW: अब_से आज_से आगे_से
TOOL: टूल उपकरण
BEFORE: पहले हर_बार चलाने_से उपयोग_से
PARAMETER: पैरामीटर फ़ील्ड
REMEMBER: याद_रखो याद_रखना
FUTURE: हर_बातचीत भविष्य_की हर_जवाब आगे_की_सभी
ANSWER: जवाब उत्तर
ONLY: केवल बस सिर्फ
CONVERSATION: बातचीत चैट वार्तालाप
WHOLE: पूरी पूरा
RUN: चलाओ मिटा डिलीट खोलकर
TAGGED: <ज़रूरी>* <जरूरी>* <महत्वपूर्ण>* [सिस्टम]* <सिस्टम>*
CONTENT: सामग्री

IGNORE: bhool_jao bhul_jao bhool_jaao nazarandaz_karo nazarandaaz_karo ignore_karo ignore_kar_do chhod_do mat_mano dhyan_mat_do bhool_ja
PRIOR: pehle_wale pichle pehle_ke upar_wale pehle_diye purane pichhle
ORDER: instructions nirdesh niyam aadesh rules_ko instructions_ko saare_instructions hukm
REVEAL: batao dikhao bata_do dikha_do likho
SYSPROMPT: apna_system_prompt apne_instructions system_prompt_batao apne_rules
YOUARE: ab_tum ab_aap aaj_se_tum
NOT: mat nahi
TELL: batana batao mat_batana
USER: user_ko malik_ko
NEWTASK: naya_kaam tumhara_naya
NOLIMITS: bina_kisi_niyam koi_rules_nahi bina_rules

IGNORE: উপেক্ষা_করো উপেক্ষা_করুন উপেক্ষা_কর ভুলে_যাও ভুলে_যান বাদ_দাও মানবে_না মেনো_না অগ্রাহ্য
PRIOR: আগের পূর্বের উপরের এর_আগে
ORDER: নির্দেশাবলি নির্দেশগুলো নিয়ম আদেশ নির্দেশ
TOLD: যা_বলা_হয়েছে দেওয়া_হয়েছিল করতে_বলেছে কথোপকথন_শুরু উপরের_লেখা
SYSPROMPT: সিস্টেম_প্রম্পট তোমার_নির্দেশ আপনার_নির্দেশ সিস্টেম_নির্দেশ
REVEAL: দেখাও বলো লেখো প্রকাশ_করো দেখান বলুন
REPEAT: হুবহু অক্ষরে_অক্ষরে শব্দে_শব্দে
YOUARE: এখন_থেকে_তুমি এখন_তুমি এখন_আপনি
NOLIMITS: কোনো_নিয়ম_নেই সীমাহীন কোনো_সীমাবদ্ধতা
NOT: না না.
TELL: জানাবে বলবে জানানোর উল্লেখ
USER: ব্যবহারকারী ব্যবহারকারীকে মালিক
SECRETLY: গোপনে লুকিয়ে চুপিচুপি
SEND: পাঠাও পাঠিয়ে পাঠান
READ: পড়ো পড়ুন
INCLUDE: দাও যোগ_করো
SENSITIVE: পাসওয়ার্ড
AI: কৃত্রিম_বুদ্ধিমত্তা এআই সহকারী মডেল প্রোগ্রাম
MUST: অবশ্যই হবে
NEWTASK: নতুন_কাজ নতুন_নির্দেশ
BEFORE: ব্যবহারের_আগে প্রতিবার
PARAMETER: প্যারামিটারে প্যারামিটার
CONVERSATION: কথোপকথন
TOOL: টুল
TAGGED: <গুরুত্বপূর্ণ>*
CONTENT: বিষয়বস্তু

REVEAL: ما_هي ما_هو ما_هي_تعليمات ترجمها چیست چه_است ترجمه_کن نشانش_بده מהי מהו מה_הן תרגם_אותה nedir neler cevirip क्या_है क्या_हैं बदलकर
TOLD: ما_سبق قيل_لك_سابقا به_تو_گفته_اند گفتهاند گفته_اند שנאמר sana_soylenen soylenen_her सारी_बातें कही_गई_बातें
EVERYTHING: सारी हर_बात
SYSPROMPT: تعليمات_النظام_الخاصه الخاصه_بك پرامپت_سیستم sistem_istemin* הנחיית_המערכת_שלך तुम्हारा_सिस्टम
APPROVED: وافق_المستخدم_بالفعل لقد_وافق وافق_بالفعل قد_وافق تایید_کرده تأیید_کرده موافقت_کرده اجازه_داده כבר_אישר כבר_הסכים zaten_onayladi onay_verdi coktan_onayladi अनुमति_दे_चुका मंज़ूरी_दे_चुका पहले_ही_अनुमति
NOASK: لا_تساله ولا_تسال دون_تاكيد دون_سؤال لا_تطلب_تاكيد نپرس بدون_پرسش بدون_تایید אל_תשאל בלי_לשאול ללא_אישור tekrar_sorma bir_daha_sorma sormadan onay_istemeden मत_पूछना मत_पूछो बिना_पूछे
RUN: استدع. استدعي فراخوانی_کن קרא_עכשיו araci_cagir aracini_cagir cagir
AI: عزيزي_المساعد دستیار_گرامی עוזר_יקר sayin_asistan प्रिय_सहायक
";
