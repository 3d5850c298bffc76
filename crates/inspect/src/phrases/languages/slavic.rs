//! Words of Slavic languages: Russian, Ukrainian, Polish, Czech. Data only.

/// One language a section; a class a line.
pub(super) const WORDS: &str = "
IGNORE: игнорируй. игнорируйте. игнорировать. проигнорируй. проигнорируйте. забудь. забудьте. забыть. не_обращай_внимания брось. бросьте.
IGNORE: не_обращайте_внимания не_следуйте не_выполняй не_слушай не_слушайся отмени. отмените. пропусти. пропустите. плюнь_на наплюй_на
IGNORE: не_соблюдай не_придерживайся не_учитывай не_учитывайте не_принимай_во_внимание откажись_от оставь. оставьте_без нарушь обойди
IGNORE: выкинь_из_головы выброси_из_головы перестань_следовать прекрати_следовать отложи отбросьте не_подчиняйся игнорь. забей_на
PRIOR: предыдущ прошлые прошлых прежних первоначальн исходные исходных изначальн данные_тебе полученные сказанное_выше до_этого до_сих_пор
PRIOR: все_предыдущие вышесказанное вышестоящие вышеприведенн начальные начальных существующие
ORDER: инструкци указани распоряжени правил. правила. правилам. правилами. команды. команд. ограничения ограничений приказы приказов запреты
ORDER: директив установки настройки промпт. промпты политики политик предписания наставления
TOLD: что_тебе_говорили что_тебе_сказали тебе_говорили тебе_сказали тебе_дали тебе_поручил что_поручил тебе_велели сказанное_выше
TOLD: что_было_сказано сказано_выше написано_выше текст_выше текст_который_тебе текст_что_тебе до_начала_нашей до_начала_этой до_этого_сообщения
TOLD: предыдущие_сообщения ты_получил что_было_раньше сказанного_выше сказанного_ранее вам_дали вам_сказали тебе_задали тебе_передали
TOLD: получил_в_начале до_нашего_разговора до_этого_разговора
LAPSED: аннулированы аннулируются отменены отменяются больше_не_действуют больше_не_действует недействительны утратили_силу не_имеют_силы
LAPSED: больше_не_актуальны больше_не_считается более_не_действуют потеряли_силу
EVERYTHING: все. всё. всем. весь любой любые на_всё что_угодно
SYSPROMPT: системные_указания системного_промпта системную_инструкцию системной_подсказки твой_промпт твои_правила свои_правила
SYSPROMPT: начальные_инструкции исходные_инструкции скрытые_инструкции секретные_инструкции внутренние_инструкции
SYSPROMPT: своих_инструкций твоих_инструкций начальный_промпт стартовый_промпт скрытый_промпт системные_сообщения
REVEAL: покаж выведи. выведите. перепиши перечисли процитируй скопируй опиши озвучь назови выдай раскрой раскройте повторите дай_мне переведи
REVEAL: воспроизведи пришли продублируй расскажи перескажи распечатай
REPEAT: дословно слово_в_слово буквально без_изменений целиком_и_полностью ничего_не_пропуская посимвольно один_в_один
YOUARE: отныне_вы ты_больше_не с_этой_минуты_ты с_сегодняшнего_дня_ты ты_станешь ты_становишься теперь_тебя_зовут
ACTAS: веди_себя притворись представь_что_ты представь. вообрази. сыграй_роль играй_роль действуй_как выступи_в_роли изобрази прикинься
ACTAS: возьми_на_себя_роль войди_в_роль
NOLIMITS: без_правил без_каких-либо нет_правил никаких_правил никаких_ограничений нет_ограничений не_ограничен без_запретов без_морали
NOLIMITS: снимаются_все_ограничения неограниченн свободен_от даже_на_запрещенное даже_если_это_незаконно без_этики без_рамок
REFUSE: отказывай отказывайся отказываешься отказаться
TELL: рассказывай. рассказать сообщать упоминать говорить скажи. предупреждай уведомляй извещай докладывай расскажи. сказать рассказывайте
TELL: знать_не_надо знать_не_нужно
USER: пользователем хозяин хозяину хозяина владельцу владелец клиенту клиента юзеру юзер
WITHOUT: без
KNOWING: ведома знал узнал заметил догадался
SECRETLY: тайно втайне тайком незаметно скрытно секретно исподтишка без_лишнего_шума потихоньку
SEND: отправляй отправь перешли. перешлите пересылай переслать отошли отослать скинь загрузи. выгрузи передай. передавай перекинь сливай направь
SEND: опубликуй вышли переведи_деньги пересылать
READ: прочитай. прочти. прочитать считай. открой. открыть получи извлеки собери загляни прочитайте прочтите прочесть
INCLUDE: вставь добавь включи приложи передай. помести запиши подставь укажи введи. допиши
SENSITIVE: пароль. пароли пароля секретное_слово секретный_ключ приватный_ключ закрытый_ключ переменные_окружения данные_карты логин_и_пароль
SENSITIVE: сохраненный_пароль токены учетных_данных персональные_данные ssh-ключ банковские_данные
AI: ии. искусственному_интеллекту искусственного_интеллекта нейросеть нейросети ассистент. ассистенту. ассистента. модель. модели. ии-агент
AI: чат-бот чат-боту языковой_модели программе_которая помощник_ии ии-помощник боту. ии-модель
MUST: ты_должен вы_должны должен. должна. обязан обязательно необходимо нужно. требуется следует. нужно
NEWTASK: твоя_новая_задача новая_инструкция твоя_единственная_задача новая_цель твоя_задача_теперь новое_указание новые_правила
NEWTASK: новый_приказ твоя_цель_теперь обновленные_инструкции настоящая_задача новые_команды новую_задачу ваша_новая_задача
INSTEAD: взамен
FROMNOW: отныне с_этого_момента впредь с_этой_минуты начиная_с_этого теперь_и_впредь с_данного_момента
TOOL: инструмент инструмента инструменты функци
BEFORE: перед_вызовом перед_использованием перед_каждым после_каждого каждый_раз прежде_чем перед_тем_как до_вызова при_каждом сначала
PARAMETER: параметр параметре поле. поля.
REMEMBER: запомни. сохрани_в_памяти сохрани_в_свою запиши_в_память навсегда_запомни
FUTURE: всех_будущих будущих_разговоров будущих_беседах каждом_ответе всех_ответах каждый_ответ последующих_разговорах будущих_диалогах
ANSWER: ответь. ответьте отвечай. отвечайте отвечаешь напиши. напишите пиши. скажи.
ONLY: только просто лишь исключительно
CONVERSATION: переписку переписки разговор. разговора беседы диалог диалога историю_чата историю_переписки историю_сообщений историю_беседы
WHOLE: всю. полностью полную целиком полный
TASK: задач задани просьб
RUN: выполни. запусти. удали. сотри. открой. перейди. скачай. установи. вызови. нажми. переведи.
TAGGED: <важно>* <система>* [система]* <инструкция>* <скрыто>* <внимание>* <секретно>*
URGENT: важно внимание срочно примечание сообщение_для заметка_для
CONTENT: содержимое содержание

IGNORE: ігноруй. ігноруйте. ігнорувати. забудь. забудьте. облиш. облиште. не_зважай не_зважайте не_виконуй не_дотримуйся скасуй. відкинь
IGNORE: не_слухай знехтуй не_звертай_уваги не_бери_до_уваги пропусти.
PRIOR: попередн початков отримані_досі дані_раніше раніше. вищезазначен
ORDER: інструкці вказівк правил розпоряджен наказ. накази команди. команд. обмежен
TOLD: що_тобі_казали тобі_казали тобі_сказали тобі_дали що_доручив сказане_вище текст_який_тобі текст_вище до_початку_нашої до_початку_цієї
TOLD: попередні_повідомлення що_було_сказано тобі_доручили
LAPSED: більше_не_діє більше_не_діють скасовано скасовані недійсні втратили_чинність
EVERYTHING: усе. все. всі. на_все
SYSPROMPT: системну_підказку системний_запит свої_інструкції твої_інструкції приховані_інструкції початкові_інструкції свої_правила твій_промпт
REVEAL: перепиши назви надрукуй напиши скажи дай_мені перекажи відтвори
REPEAT: дослівно слово_в_слово буквально без_змін
YOUARE: відтепер_ти від_сьогодні_ти віднині_ти тепер_тебе_звати
ACTAS: уяви. удавай поводься_як прикинься зіграй_роль грай_роль
NOLIMITS: без_обмежень без_правил жодних_правил жодних_обмежень немає_правил без_цензури без_фільтрів
REFUSE: відмовляй відмовляйся відмовляєшся відмовитися
NOT: не ніколи без
TELL: розповідай. кажи. кажіть. згадуй повідомляй говори. сповіщай
USER: користувач користувача користувачу господар власник власнику клієнту
WITHOUT: без
KNOWING: відома знав дізнався
SECRETLY: потай таємно потайки непомітно приховано
SEND: надсилай пересилай перешли. відправ. відправити завантаж. передай. пересилати відішли
READ: прочитай. відкрий. відкрити зчитай прочитати
INCLUDE: встав додай передай. запиши введи.
SENSITIVE: паролі пароля облікові_дані таємне_слово приватний_ключ секретний_ключ
AI: ші. штучний_інтелект штучного_інтелекту мовної_моделі асистент. асистенту модель. моделе. програмі
MUST: мусить мусиш повинен повинна обов'язково треба необхідно потрібно
NEWTASK: твоє_нове_завдання твоє_єдине_завдання нова_мета нова_інструкція нові_правила
INSTEAD: замість_цього
FROMNOW: відтепер віднині надалі з_цього_моменту
TOOL: інструмент інструмента
BEFORE: перед_викликом перед_використанням після_кожного щоразу перш_ніж
PARAMETER: параметр параметрі поле.
REMEMBER: запам'ятай збережи_в_пам'яті
FUTURE: усіх_майбутніх майбутніх_розмов кожній_відповіді
ANSWER: відповідай. відповідаєш напиши. відповідай
ONLY: лише тільки просто
CONVERSATION: листування розмову розмови бесіду історію_чату
WHOLE: усе. всю. повністю
RUN: видали. виконай. відкрий. запусти.
TAGGED: <важливо>* <система>* [система]*
URGENT: важливо увага терміново
CONTENT: вміст

IGNORE: nie_zwracaj_uwagi nie_zwazaj zlekcewaz odrzuc zostaw_to zapomnijcie ignorujcie zignorujcie nie_sluchaj nie_stosuj_sie lekcewaz
IGNORE: pomin_wszystkie porzuc obejdz nie_przejmuj_sie nie_kieruj_sie nie_wykonuj ignorowac
PRIOR: wczesniej poprzednich pierwotne pierwotnych dotad otrzymane wyzej poprzednie wszystkich_poprzednich dotychczasowych
ORDER: polecenie regul reguly nakazy rozkazy wskazowki ograniczenia zasad instrukcje ograniczen wytycznych
TOLD: co_ci_powiedziano co_ci_mowili powiedziano_ci ci_mowili ktory_dostales ktore_dostales dostales_przed otrzymales tekst_powyzej
TOLD: powyzszy_tekst przed_poczatkiem_tej przed_ta_rozmowa przed_ta_wiadomoscia poprzednie_wiadomosci prosil_wlasciciel co_kazano o_co_prosil
TOLD: co_powiedziano_wczesniej ci_kazano ci_przekazano
LAPSED: juz_sie_nie_licz* zostaja_anulowane sa_anulowane przestaja_obowiazywac nie_obowiazuj* sa_niewazne straily_waznosc anulowano uchylone
EVERYTHING: wszystko wszystkie wszystkich wszystkim
SYSPROMPT: swoje_instrukcje twoje_instrukcje swoj_prompt swoje_zasady ukryte_instrukcje poczatkowe_instrukcje tajne_instrukcje
SYSPROMPT: instrukcje_poczatkowe wytyczne_systemowe promptu_systemowego swoich_instrukcji twoj_prompt polecenia_systemowe
REVEAL: przepisz wypisz wydrukuj zdradz powiedz wklej skopiuj zacytuj pokazcie przetlumacz opisz wymien
REPEAT: slowo_w_slowo doslownie co_do_slowa bez_zmian w_calosci litera_po_literze
YOUARE: od_tej_chwili_jestes odtad_jestes stajesz_sie nie_jestes_juz jestes_odtad
ACTAS: zachowuj_sie udawaj wyobraz_sobie_ze_jestes wciel_sie odgrywaj_role graj_role
NOLIMITS: bez_ogranicz* bez_zasad bez_regul zadne_reguly zadnych_regul zadnych_ogranicz* zadnych_zasad bez_cenzury bez_filtrow bez_limitow
NOLIMITS: nawet_zakazane
REFUSE: odmawiaj odmawiasz odmawiac odmow
NOT: nic zadnych
TELL: powiadamiaj wspomin* wspominac mowic zdradzaj powiedziec mow informowac
USER: uzytkowniku wlasciciel wlascicielowi klientowi
WITHOUT: bez
KNOWING: wiedzial wiedzy wiedziec zauwazyl
SECRETLY: potajemnie po_cichu w_tajemnicy ukradkiem skrycie za_plecami
SEND: wyslac przekaz przekazac przeslac wysylaj przekieruj udostepnij
READ: przeczytaj odczytaj otworz przeczytac pobierz wczytaj
INCLUDE: wstaw dodaj dolacz umiesc wpisz zalacz wklej
SENSITIVE: hasla hasel dane_logowania klucz_prywatny klucz_api klucze_ssh tajne_slowo dane_karty zapisane_haslo
AI: sztuczna_inteligencj* asystent_ai modelu asystent agent_ai jezykowy programu_ktory
MUST: musisz musi nalezy trzeba obowiazkowo koniecznie
NEWTASK: twoje_nowe_zadanie twoim_nowym_zadaniem jedyne_zadanie nowy_cel nowe_polecenia nowe_zasady prawdziwe_zadanie nowe_polecenie
INSTEAD: zamiast
FROMNOW: od_teraz odtad od_tej_pory od_tej_chwili
TOOL: narzedzia narzedzie funkcj*
BEFORE: przed_wywolaniem przed_uzyciem po_kazdym przy_kazdym za_kazdym_razem zanim
PARAMETER: parametru parametr pola
REMEMBER: zapamietaj zapisz_w_pamieci
FUTURE: przyszlych_rozmow* wszystkich_rozmow* kazdej_odpowiedzi
ANSWER: odpowiedz odpowiadasz odpowiadaj napisz
ONLY: tylko jedynie wylacznie po_prostu
CONVERSATION: rozmowe rozmowy historie_czatu historie_rozmowy konwersacje
WHOLE: cala calej caly pelna
TASK: zadanie prosba
RUN: wykonaj kliknij skasuj uruchom
TAGGED: <wazne>* <system>* [system]* <uwaga>*
URGENT: wazne uwaga pilne

IGNORE: nech_byt nedbej_na neber_v_potaz nerid_se neposlouchej vykasli_se prehlizej opomin
PRIOR: predchozich drivejsi vyse dosavadni puvodni
ORDER: instrukci pokynu prikazu pravidel
TOLD: co_ti_rekli co_po_tobe_chtel ktery_jsi_dostal jsi_dostal pred_zacatkem_tohoto text_vyse predchozi_zpravy co_ti_bylo_receno
LAPSED: uz_neplati jsou_zruseny jsou_neplatn*
EVERYTHING: vse vsechno vsechny
SYSPROMPT: sve_pokyny sve_instrukce tve_pokyny svuj_systemovy systemovou_zpravu skryte_pokyny tve_instrukce
REVEAL: prepis napis rekni prozrad vytiskni
REPEAT: slovo_od_slova doslova
YOUARE: nyni_jsi ted_jsi od_ted_jsi od_nynejska_jsi
ACTAS: chovej_se_jako predstirej hraj_roli
NOLIMITS: bez_omezeni bez_pravidel zadna_pravidla bez_filtru
NOT: ne nikdy bez
TELL: nerikej neprozrazuj nezminuj_se neinformuj
USER: uzivateli majitel
SECRETLY: tajne potaji
SEND: preposli odesli nahraj
READ: precti otevri nacti
INCLUDE: vloz pridej
SENSITIVE: hesla prihlasovaci_udaje soukromy_klic
AI: umela_inteligence jazykovy_model asistente asistent
MUST: musis musi je_nutne
NEWTASK: tvuj_novy_ukol tvym_novym_ukolem nove_instrukce
FROMNOW: od_ted od_nynejska
TOOL: nastroj*
BEFORE: pred_zavolanim pred_pouzitim po_kazdem pokazde
PARAMETER: parametru parametr
ANSWER: odpovez odpovidej
ONLY: jen pouze
CONVERSATION: rozhovor konverzac* celou_konverzaci
TAGGED: <dulezite>*

REVEAL: какой_у_тебя каков_твой какие_у_тебя что_написано переведи_его який_у_тебе які_у_тебе переклади jaki_jest_twoj jakie_sa_twoje jakie_masz pokazac przetlumacz_go jaky_je_tvuj jake_jsou
TOLD: что_было_сказано что_тебе_сказали было_сказано_до сказано_до_этого що_тобі_казали co_ci_powiedziano co_ci_mowiono ci_powiedziano
APPROVED: уже_одобрил уже_разрешил уже_согласился уже_подтвердил уже_дал_согласие вже_схвалив вже_дозволив вже_погодився zatwierdzil_juz juz_zatwierdzil juz_sie_zgodzil juz_zgodzil jiz_schvalil uz_schvalil
NOASK: не_спрашивай не_переспрашивай без_подтверждения не_спрашивая без_запроса не_запрашивай не_питай без_підтвердження не_запитуй nie_pytaj bez_pytania bez_potwierdzenia neptej bez_potvrzeni
RUN: вызови_сейчас виклич. виклич_зараз wywolaj zavolej
AI: уважаемый_ассистент дорогой_ассистент шановний_асистенте drogi_asystencie
";
