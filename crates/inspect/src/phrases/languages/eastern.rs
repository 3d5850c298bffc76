//! Words of East and South-East Asian languages: Chinese in both scripts, Japanese, Korean, Thai, Vietnamese, Indonesian
//! and Malay, Tagalog. Data only.

/// One language a section; a class a line.
pub(super) const WORDS: &str = "
IGNORE: 不用管 别管 別管 不必理会 不必理會 无需理会 無需理會 不要管 别理 別理 抛开 拋開 撇开 丢掉 放弃之前 不要听 不要聽 不理会 不理會 不再遵守 不再遵循
IGNORE: 请勿遵照 請勿遵照 不要遵照 不要执行之前 停止遵循 停止遵守 置之不理 绕过 繞過 覆盖之前 清除之前 抹去 忘了之前 違反 请忘 請忘
PRIOR: 先前的 原先 原来 原來 最初 一开始 一開始 前述 已有 既有 至今 到目前为止 迄今 早先 之前的 刚才 剛才
ORDER: 嘱咐 囑咐 吩咐 任务 任務 条条框框 指引 准则 準則 约定 要求 命令 守则 安排 叮嘱 条款
TOLD: 之前说的 之前說的 上面说的 上面說的 前面说的 前面說的 之前的内容 之前的內容 之前的对话 之前的對話
TOLD: 开头收到 开头给你 开头的设定 一开始给你 给你的设定 給你的設定 给你的任务 給你的任務 之前让你 原先让你 先前让你 让你写的 你收到的 你被告知
TOLD: 你所收到 上面的文字 上面的话 上方的文字 對話開始之前 对话开始之前 对话开始前 對話開始前 之前告诉你 之前給你 之前给你 用户让你 先前交代 之前交代
LAPSED: 作废 作廢 失效 统统不算 通通不算 不算数 不算數 一律取消 全部取消 无效 無效 已被取消 已撤销 已撤銷 不再有效 不再适用 不再適用
EVERYTHING: 一切 全部 所有 任何问题 任何問題 什么都 什麼都 什么问题 什麼問題
SYSPROMPT: 系统提示词 系統提示詞 系统指示 系統指示 系統指令 系統訊息 你的设定 你的設定 你的规则 你的規則
SYSPROMPT: 你的提示 你的初始 初始设定 初始設定 初始提示 隐藏的指令 隱藏的指令 內部指令 内部指令 内部规则 那段设定 角色设定 角色設定 开发者消息 预设指令
REVEAL: 贴出来 貼出來 复述 複述 列出 写出 寫出 抄写 说给我 翻译 翻譯 总结 總結 公开 公開 吐出 交出 透漏 转述 背诵 念出 揭示
REPEAT: 原封不动 原封不動 一字不差 一字不漏 逐字 一个字都别 原文 原样 原樣 完整复制 照抄 不要省略
YOUARE: 从此刻起你 從此刻起你 从现在起，你 從現在起你 你将是 你將是 你将成为 你將成為 你已经是 你不再是 今后你是 今後你是 你叫做 你的新身份
ACTAS: 假装 假裝 装作 裝作 假设你是 假設你是 想象你是 想像你是 模拟 模擬 以身份 进入角色 角色扮演 充当 充當
NOLIMITS: 没有规则 沒有規則 不受规则 不受規則 没有约束 沒有約束 不受规范 不受任何规范 不受任何規範 不再受任何 不受約束 不受限 无拘无束 没有道德 沒有道德
NOLIMITS: 沒有限制 沒有任何限制 不受道德 不受法律 没有底线 毫无限制 毫無限制 无视法律 解除限制 解除所有
REFUSE: 不准拒绝 不准拒絕 不得拒绝 不得拒絕 不能拒绝 不能拒絕 不许拒绝 绝不拒绝 绝对不拒绝 不要拒绝
NOT: 不要让 不必 无需 無需 不用 不可 不许 不准 绝不 別 勿要 不
TELL: 汇报 匯報 报告 報告 告知 说明 提起 说出去 知道 发现 泄露给 只字不提 隻字不提 知會 通報 让用户知道 讓使用者知道 透露给
USER: 主人 用户 用戶 使用者 客户 客戶 机主 本人 账号主人
WITHOUT: 不经 未经 不讓 不让
KNOWING: 知情 察觉 察覺 发觉 同意
SECRETLY: 悄悄 偷偷 暗中 秘密地 私下 默默 背着 背著 瞒着 瞞著 静默 暗地里 不动声色 悄無聲息
SEND: 提交 提交到 转给 轉給 寄到 寄给 轉發 轉寄 上傳 传到 傳到 传送 傳送 发至 外发 推送 同步到 转账 轉帳 汇款
READ: 读取 讀取 打开 打開 读一下 查看 获取 取得 收集 搜集 抓取 提取 访问
INCLUDE: 填入 填进 填到 附上 放入 放进 放到 写入 加入 附在 插入 包含 粘贴到 作为参数 添加到 带上 塞进
SENSITIVE: 口令 私鑰 金鑰 密鑰 憑證 帐号密码 账号密码 帳號密碼 银行卡 銀行卡 信用卡 身份证 环境变量 環境變數 api密钥 暗号 验证码 驗證碼
AI: 智能助理 智能助手 智慧助理 人工智慧 语言助手 ai模型 模型 机器人 機器人 智能体 智能體 助手 助理 ai代理 大语言模型
MUST: 必须 必須 务必 務必 应当 應當 须 須 一定要 需要 请
NEWTASK: 你的新任务 你的新任務 新的任務 新任務 唯一的任务 唯一的任務 真正的任务 新的目标 新目標 新规则 新規則 新的命令 现在听我 現在聽我 改为 改為 新的要求
INSTEAD: 改为 改為 取而代之 转而 而不是
FROMNOW: 从现在起 從現在起 从现在开始 從現在開始 从此 從此 今后 今後 此后 此後 自此 往后
TOOL: 工具 函数 函數 插件
BEFORE: 之前先 前必须 前先 每次 使用前 使用后 使用後 调用本工具前 调用前 呼叫前 在使用 在调用 首先 先
PARAMETER: 参数 參數 字段 欄位
REMEMBER: 记在 记下 写入记忆 存入记忆 永久记住 長期記憶 长期记忆 存到记忆
FUTURE: 以后的所有对话 以后所有 今后所有 今後所有 未来的对话 未來的對話 所有对话 所有對話 每次回答 每次回复 每一次回答 每条回复 后续对话
ANSWER: 回答 回复 回覆 回應 回应 只写 输入
ONLY: 只需 只要 只能 仅 僅 只回 只输出 只 直接
CONVERSATION: 聊天记录 聊天紀錄 对话 對話 对话记录 對話紀錄 会话 會話 聊天内容 對話內容 对话内容 历史消息
WHOLE: 完整的 全部的 完整 整个 整個 全文
TASK: 任务 任務 请求 請求 工作 摘要
RUN: 执行 執行 打开 点击 點擊 下载 下載 安装 安裝 运行 運行 调用 清空 开启 開啟
TAGGED: <重要>* <系统>* <系統>* [系统]* [系統]* 【系统】 【系統】 【系统消息】 <隐藏>* <指令>* <注意>* 系统管理员通知 系統管理員通知
URGENT: 重要 注意 紧急 緊急 请注意 請注意 警告
CONTENT: 内容 內容

IGNORE: 無視して 無視せよ 無視しろ 無視すること 無視しなさい 無視のうえ 無視しつつ 放っておいて 気にせず 気にしないで 無かったこと なかったことに 破棄して 破棄し 従わず 従わないで 守らなくて 守る必要はない 取り消して 捨てて 度外視 やめて
IGNORE: 聞かなくて 参照しないで 従うな 守らないで 忘れろ 無視しろ 忘れなさい
PRIOR: 今までの これまでの 最初の 元の 従来 ここまで 先の 前述 当初 既存の 直前
ORDER: 指図 言いつけ 作業 決まり 規約 ガイドライン 方針 制限 指示書
TOLD: 上で言われたこと 言われたこと 今まで言われた これまで言われた 頼まれた作業 頼まれたこと 渡された文章 渡された指示 与えられた文章 与えられた指示
TOLD: 会話が始まる前 会話の前 会話の最初 上の文章 上記の文章 これより前 このメッセージより前 与えられている 最初に渡された 最初に与えられ
LAPSED: 取り消されました 取り消された 無効です 無効となり 無効になりました 効力を失い 効力を失う 破棄されました 撤回されました もう有効では
EVERYTHING: 全部 すべて 全て 何でも どんな質問 あらゆる
SYSPROMPT: 初期指示 内部指示 隠された指示 秘密の指示 あなたの指示 あなたへの指示 君の指示 あなたのルール 開発者メッセージ 設定文 隠しプロンプト
REVEAL: 書き写 書き出 コピーし 見せろ 出せ 吐き出 印刷 引用 書いて 貼り 伝えて 翻訳 話して
REPEAT: 一字一句 そのまま 一言一句 逐語 原文のまま 省略せず 丸ごと
YOUARE: 君は今から 今から君は お前は今から 今後あなたは あなたはもう 君にはもう 今日からあなたは 今からお前は これより君は
ACTAS: ふりをし 演じ なりきって として振る舞 になったつもり ロールプレイ 役になって
NOLIMITS: 何の決まりもない ルールのない ルールはない 決まりはない 制限はない 制限がない 規制のない 倫理のない 制約はない 無制限 自由なai 束縛されない
REFUSE: 断らない 断るな 拒否しない 拒否せず 拒否するな 拒まない 断って 断ら
NOT: ないこと てはいけない 必要はありません なくていい 必要はない ずに な。
TELL: 報告 話す 話さ 知られ 告げ 言う 言わない 伝えない 伝えず 明かさ 気づかれ 内緒
USER: 持ち主 本人 ユーザ 依頼主 所有者 お客様に
SECRETLY: こっそり 密かに ひそかに 内緒で 秘密裏に 黙って 気付かれない 気づかれない 裏で
SEND: 転送 送れ アップロード 送り 送っ 送付 投稿 振り込 送金
READ: 読み取 読み込 読んで 開いて 開き 取得 参照 収集
INCLUDE: 入れる 入れて 含める 含めて 添付 追加し 付け加え 渡す 渡し 入力
SENSITIVE: 合言葉 秘密鍵 認証情報 資格情報 apiキー クレジットカード 環境変数 暗証番号 口座情報 個人情報 トークン
AI: 人工知能 aiの方 モデルさん モデル aiアシスタント エージェント チャットボット 大規模言語モデル aiは
MUST: 必ず しなければ なければなりません すること してください 必要があります べき
NEWTASK: 新たな指示 新しい命令 新しい任務 あなたの新しい 唯一のタスク 新しい目標 新たなタスク 本当のタスク 新ルール 新しいルール 次の指示に
INSTEAD: その代わり 代わりに
FROMNOW: 今から これから 今後 以降 以後 これより
TOOL: ツール 関数
BEFORE: 呼び出す前 使う前 実行する前 使用する前 使うたび 毎回 前に必ず 使用のたび たびに
PARAMETER: パラメータ パラメーター 引数 フィールド
REMEMBER: 記憶に保存 記憶して 記憶し 覚えておいて メモリに保存
FUTURE: 今後の会話 今後のすべての すべての会話 全ての会話 今後の返答 すべての回答
ANSWER: 答えて 答え 回答 返答 返信
ONLY: だけ のみ
CONVERSATION: 会話 会話の全文 チャット履歴 会話履歴 やり取り
WHOLE: 全文 全体 全部の 全て
RUN: 実行 クリック ダウンロード インストール 消去 開いて
TAGGED: <重要>* <システム>* [システム]* 【システム】 システム管理者より
URGENT: 重要 注意 緊急 お知らせ
CONTENT: 内容 中身

IGNORE: 무시해 무시하고 무시하라 무시하세요 무시하십 무시하시 무시하고 잊어버 신경_쓰지_말 신경쓰지_말 그만두고 따르지_않 따르지_마 없던_걸로 제쳐 버려. 듣지_마 듣지_말 지키지_마 취소해
PRIOR: 앞서 지금까지 원래 처음 상위 위에서 이전에 기존의 앞선
ORDER: 지시를 규정 규율 제한 가이드라인 지시문 명령어 정책 지침을
TOLD: 위에서_들은 들은_말 지금까지_들은 들은_이야기 주인이_시킨 시킨_일 받은_글 시작되기_전에 대화가_시작 이_대화_전에 위의_글
TOLD: 이전_메시지 이전_대화 앞의_내용 처음에_받은 너에게_주어진 당신에게_주어진 네가_받은 이전_내용 위에_적힌
LAPSED: 취소되었 무효 효력을_잃 더_이상_유효하지 철회되었
EVERYTHING: 모든 모두 전부 무엇이든 어떤_질문
SYSPROMPT: 초기_지시 초기_프롬프트 숨겨진_지시 비밀_지시 너의_지시 당신의_지시 너의_규칙 내부_지침 개발자_메시지 네_지침 네_프롬프트
REVEAL: 옮겨_적 적어_줘 복사해 말해_줘 알려_줘 보여_줘 인용 써_줘 번역 나열 유출
REPEAT: 그대로 한_글자도 글자_그대로 토씨_하나 원문_그대로 빠짐없이
YOUARE: 이제부터_너는 이제부터_당신은 너는_지금부터 앞으로_너는 너는_더_이상 당신은_더_이상 오늘부터_너는
ACTAS: 인_척 인척 연기해 역할을_맡 역할극 처럼_행동 행세해 가정해
NOLIMITS: 제한_없 제한이_없 규칙이_없 아무_규칙 규칙도_없 제약_없 제약이_없 무제한 검열_없 윤리적_제한
REFUSE: 거절하지_마 거절하지_말 거부하지_마 거부하지_말 거절하지 거부하지
NOT: 없어 없이 말_것 말아 하지_말 지_마
TELL: 알릴 알리지 말하 언급 전하지 보고 얘기 이야기하지 알게 말해선
USER: 주인 본인 사용자에게 사용자가
SECRETLY: 몰래 은밀 비밀리 조용히 모르게 슬그머니
SEND: 전달해 전달하 보내 보내야 업로드 전송 발송 송금 올려
READ: 읽어 읽고 읽으 열어 열고 가져와 수집 조회
INCLUDE: 넣으 넣어 포함 첨부 추가해 입력 붙여 전달하
SENSITIVE: 비밀번호를 암호 비밀_암호 개인키 개인_키 인증_정보 자격_증명 api_키 신용카드 환경_변수 토큰 계좌_정보
AI: 인공지능에게 모델아 모델 챗봇 에이전트 ai야 언어모델 ai_모델
MUST: 반드시 해야 해야_합니다 야_한다 꼭 필수
NEWTASK: 새로운_작업: 너의_새로운 당신의_새로운 새로운_임무 새로운_명령 새로운_지시 유일한_작업 새_임무 새_명령 새로운_규칙
INSTEAD: 대신에 그_대신
FROMNOW: 이제부터 앞으로 지금부터 이후로 앞으로는
TOOL: 도구 함수 툴
BEFORE: 호출하기_전 사용하기_전 사용할_때마다 전에_반드시 매번 실행_전 쓰기_전 호출할_때마다
PARAMETER: 매개변수 파라미터 필드 인자
REMEMBER: 기억해 기억에_저장 메모리에_저장 영구히_기억
FUTURE: 앞으로의_모든 모든_대화 향후_모든 모든_답변 모든_응답 이후의_모든
ANSWER: 대답 답해 답하 답변 적어 써
ONLY: 만 라고만 오직 뿐
CONVERSATION: 대화 대화_내용 대화_기록 채팅_기록 대화_전체
WHOLE: 전체 전부 모든_내용
RUN: 실행 삭제해 클릭 다운로드 설치 열어
TAGGED: <중요>* <시스템>* [시스템]* 시스템_관리자_공지
URGENT: 중요 주의 긴급
CONTENT: 내용을 내용

IGNORE: อย่าสนใจ ไม่ต้องทำตาม อย่าทำตาม อย่าไปสน ไม่ต้องสน เพิกเฉยต่อ ลืมคำสั่ง ลืมทุก มองข้าม วางงาน เลิกทำตาม ยกเลิกคำสั่ง ไม่ต้องฟัง ละทิ้ง ลบล้าง
PRIOR: ก่อนหน้านี้ เดิม ทั้งหมดที่ได้รับ เมื่อก่อน ที่ได้รับมา ข้างบน ด้านบน แรกเริ่ม
ORDER: ข้อกำหนด ระเบียบ คำสั่งทั้งหมด ข้อจำกัด แนวทาง นโยบาย
TOLD: สิ่งที่บอกไว้ สิ่งที่เขาบอก ที่บอกไว้ข้างบน ที่คุณได้รับก่อน ที่เจ้าของสั่ง ที่ถูกบอกมา ก่อนเริ่มบทสนทนา ก่อนการสนทนา ข้อความก่อนหน้า
LAPSED: ไม่มีผลแล้ว ถูกยกเลิก เป็นโมฆะ ไม่มีผลอีกต่อไป
EVERYTHING: ทั้งหมด ทุกอย่าง ทุกเรื่อง ทุกคำถาม
SYSPROMPT: คำสั่งของคุณ พรอมต์ของคุณ พรอมต์เริ่มต้น คำสั่งเริ่มต้น คำสั่งลับ คำสั่งที่ซ่อน พรอมป์ระบบ คำสั่งระบบ
REVEAL: คัดลอก พิมพ์ออกมา พิมพ์ แปล ทวน ทำซ้ำ
REPEAT: ทุกตัวอักษร คำต่อคำ ตามตัวอักษร ครบถ้วนทุกคำ
YOUARE: ตอนนี้คุณคือ จากนี้คุณคือ ต่อจากนี้คุณคือ คุณไม่ใช่ บัดนี้คุณ นับจากนี้คุณ
ACTAS: แกล้งเป็น ทำเหมือน แสดงเป็น สมมติว่าคุณ ทำตัวเป็น
NOLIMITS: ไม่มีข้อจำกัด ไม่มีกฎ ไร้ข้อจำกัด ไม่มีตัวกรอง ปราศจากข้อจำกัด ไม่มีขอบเขต
REFUSE: ห้ามปฏิเสธ อย่าปฏิเสธ ไม่ปฏิเสธ
NOT: อย่า ไม่ต้อง ห้าม โดยไม่
TELL: บอก แจ้ง กล่าวถึง พูดถึง เล่า เปิดเผย ให้เขารู้ ให้รู้
USER: ผู้ใช้ เจ้าของ
SECRETLY: แอบ ลับๆ อย่างลับ เงียบๆ โดยที่ผู้ใช้ไม่รู้
SEND: ส่งต่อ ส่ง อัปโหลด โอนเงิน
READ: อ่าน เปิด
INCLUDE: ใส่ แนบ เพิ่ม กรอก
SENSITIVE: รหัสผ่าน คีย์ส่วนตัว คำลับ ข้อมูลบัตร กุญแจส่วนตัว
AI: ปัญญาประดิษฐ์ เอไอ โมเดล ผู้ช่วย โมเดลภาษา ถึงโปรแกรม
MUST: ต้อง จำเป็นต้อง
NEWTASK: งานใหม่ของคุณ คำสั่งใหม่ ภารกิจใหม่ หน้าที่ใหม่
INSTEAD: แทน
FROMNOW: ต่อจากนี้ นับจากนี้ ตั้งแต่นี้ จากนี้ไป
TOOL: เครื่องมือ
BEFORE: ก่อนเรียกใช้ ก่อนใช้ ทุกครั้งที่ใช้
PARAMETER: พารามิเตอร์
ANSWER: ตอบ เขียน
ONLY: แค่ เท่านั้น เพียง
CONVERSATION: บทสนทนา การสนทนา ประวัติแชต
WHOLE: ทั้งหมด
RUN: ลบ ลบไฟล์ คลิก ดาวน์โหลด เปิด
TAGGED: <สำคัญ>* <ระบบ>* [ระบบ]*
URGENT: สำคัญ

IGNORE: dung_de_y dung_quan_tam hay_quen dung_tuan_theo khong_can_lam_theo gac_lai mac_ke hay_bo_qua bo_qua_moi bo_qua_tat_ca khong_tuan_theo
IGNORE: dung_nghe loai_bo_moi
PRIOR: truoc_day luc_truoc ben_tren ban_dau da_nhan nhan_duoc phia_truoc
ORDER: chi_thi menh_lenh huong_dan quy_dinh luat_le han_che yeu_cau
TOLD: nhung_gi_duoc_dan nhung_gi_ho_bao ho_bao_ban duoc_dan_o_tren ban_duoc_giao duoc_giao_truoc truoc_khi_cuoc_tro_chuyen doan_tren
TOLD: van_ban_o_tren tin_nhan_truoc nhung_gi_da_noi
LAPSED: khong_con_hieu_luc khong_con_gia_tri deu_bi_huy da_bi_huy_bo
EVERYTHING: tat_ca moi_thu moi_dieu moi_cau
SYSPROMPT: cau_lenh_he_thong prompt_he_thong huong_dan_cua_ban chi_dan_cua_ban huong_dan_ban_dau loi_nhac_cua_ban quy_tac_cua_ban
REVEAL: chep_lai noi_cho_toi cho_biet viet_lai xuat_ra liet_ke dich
REPEAT: nguyen_van tung_chu tung_tu y_nguyen
YOUARE: tu_nay_ban_la ban_khong_con_la tu_bay_gio_ban ban_bay_gio_la gio_ban_la
ACTAS: hay_dong_vai dong_vai gia_vo hay_coi_nhu hanh_dong_nhu
NOLIMITS: khong_co_gioi_han khong_gioi_han khong_bi_han_che khong_co_quy_tac khong_co_luat_le khong_rang_buoc ke_ca_dieu_cam
NOT: dung khong khong_bao_gio
TELL: bao_cho ke_cho ke_dieu noi_cho noi_voi thong_bao tiet_lo
USER: chu_nhan nguoi_su_dung chu_so_huu
SECRETLY: bi_mat_gui mot_cach_bi_mat len_gui len_lut phai_len am_tham ngam lang_le
SEND: gui_toi gui_den gui_cho gui_tat gui_toan gui_noi gui_mat chuyen_tiep tai_len
READ: mo_tep
INCLUDE: dua_noi_dung them_vao dien nhap
SENSITIVE: khoa_rieng thong_tin_dang_nhap khoa_api tu_bi_mat the_tin_dung
AI: tri_tue_nhan_tao mo_hinh tro_ly chuong_trinh_dang
MUST: phai bat_buoc can_phai
NEWTASK: nhiem_vu_moi_cua_ban nhiem_vu_duy_nhat menh_lenh_moi chi_thi_moi
FROMNOW: tu_nay tu_gio tu_bay_gio ke_tu_bay_gio
TOOL: cong_cu
BEFORE: truoc_khi_goi truoc_khi_dung moi_lan
PARAMETER: tham_so
REMEMBER: ghi_nho hay_nho luu_vao_bo_nho
FUTURE: moi_cuoc_tro_chuyen cac_cuoc_tro_chuyen_sau moi_cau_tra_loi
ANSWER: tra_loi viet
ONLY: chi duy_nhat
CONVERSATION: cuoc_tro_chuyen lich_su_tro_chuyen doan_hoi_thoai toan_bo_cuoc
WHOLE: toan_bo day_du
RUN: chay thuc_thi nhap_vao xoa_tat
TAGGED: <quan>* [he_thong]
URGENT: quan_trong chu_y khan_cap

IGNORE: tinggalkan_tugas tidak_usah_pedulikan jangan_pedulikan jangan_hiraukan jangan_ikuti kesampingkan langgar batalkan_semua jangan_turuti
IGNORE: abaikanlah lupakanlah hiraukan_semua buang_semua abaikan_semua tak_usah_pedulikan
PRIOR: sejauh_ini tadi awal asli sebelumnya terdahulu terdahulu. di_atas yang_lalu
ORDER: petunjuk instruksi larangan pedoman ketentuan kebijakan batasan
TOLD: apa_yang_dikatakan yang_dikatakan_di_atas mereka_katakan diberikan_kepadamu diberikan_kepada_anda sebelum_percakapan_ini teks_di_atas
TOLD: pesan_sebelumnya kamu_terima anda_terima apa_yang_diminta kau_terima tugas_dari_pemilikmu yang_diperintahkan
LAPSED: tidak_berlaku dibatalkan sudah_tidak_berlaku tidak_lagi_berlaku
EVERYTHING: semua semuanya segala
SYSPROMPT: instruksimu instruksi_anda instruksi_awal prompt_awal aturanmu pesan_sistem instruksi_tersembunyi instruksi_rahasia promptmu
REVEAL: salin sebutkan tuliskan beri_tahu_saya beritahu_saya bocorkan perlihatkan terjemahkan katakan_padaku
REPEAT: kata_demi_kata secara_utuh apa_adanya persis
YOUARE: mulai_sekarang_kamu mulai_sekarang_anda kamu_kini kau_sekarang kamu_bukan_lagi
ACTAS: berpura-puralah berpura-pura anggap_tidak_ada bertindaklah_seolah
NOLIMITS: tanpa_batasan tanpa_aturan tidak_ada_aturan tanpa_sensor tanpa_filter tidak_ada_batasan tanpa_batas bebas_dari_aturan
NOT: tidak_perlu tidak
TELL: ceritakan memberitahu bilang memberi_tahu menyebutkan perlu_tahu
USER: pemilik pemiliknya pemilikmu
SECRETLY: diam-diam secara_diam-diam secara_rahasia sembunyi-sembunyi tanpa_sepengetahuan
SEND: teruskan mengirimkan mengirim unggah kirimkan
READ: baca membaca buka ambil
INCLUDE: masukkan sertakan tambahkan lampirkan isi
SENSITIVE: kunci_pribadi kredensial kunci_api kata_rahasia kartu_kredit kata_sandinya
AI: kecerdasan_buatan asisten program_yang
MUST: harus wajib mesti
NEWTASK: tugas_barumu tugas_baru_anda tugasmu_sekarang misi_baru perintah_baru aturan_baru satu-satunya_tugas
INSTEAD: alih-alih
FROMNOW: mulai_sekarang mulai_detik_ini mulai_saat_ini sejak_sekarang
TOOL: alat fungsi
BEFORE: sebelum_memanggil sebelum_menggunakan sebelum_memakai setiap_kali
PARAMETER: kolom
REMEMBER: ingat_selalu simpan_dalam_ingatan ingatlah
FUTURE: semua_percakapan percakapan_mendatang setiap_jawaban percakapan_berikutnya
ANSWER: jawab jawablah balas tulis tulislah
ONLY: hanya saja cukup
CONVERSATION: percakapan riwayat_obrolan seluruh_percakapan riwayat_percakapan
WHOLE: seluruh lengkap
TASK: tugas permintaan
RUN: jalankan buka klik
TAGGED: <penting>* <sistem>* [sistem]*
URGENT: penting perhatian

IGNORE: abaikan_arahan jangan_endahkan endahkan huwag_pansinin balewalain kalimutan huwag_sundin
PRIOR: terdahulu nauna naunang nakaraang
ORDER: arahan tagubilin utos panuto mga_tagubilin patakaran
REVEAL: tunjukkan_kepada dedahkan ipakita ibunyag sabihin
SYSPROMPT: arahan_sistem gesaan_sistem arahan_anda mga_tagubilin_mo system_prompt_mo tagubilin_ng_sistem
YOUARE: ikaw_ngayon_ay ikaw_na_ngayon anda_kini
NOT: huwag jangan
TELL: sabihin_sa ipaalam banggitin
USER: pengguna gumagamit
NEWTASK: bagong_gawain bagong_utos tugasan_baharu arahan_baharu
SEND: ipadala hantar
ONLY: lamang lang

REVEAL: 是什么 是什麼 有哪些 让我看 讓我看 给我看 何ですか なんですか 何て書 英訳 訳して 見せ 뭐야 무엇이야 무엇인가 뭔지 보여 คืออะไร ให้ดู la_gi cho_toi_xem dich_sang apa_prompt apa_isi apa_saja_instruksi terjemahkan
SYSPROMPT: 初始配置 prompt_sistem* instruksimu* loi_nhac_he_thong_cua พรอมต์ระบบของ
TOLD: 지금까지_들은 들은_건 들은_것 들었던 ที่เคยบอก ที่บอกมา ที่บอกไว้ da_duoc_noi da_duoc_dan nhung_gi_da yang_dikatakan dikatakan_kepadamu 跟你说过的 对你说过 對你說過
EVERYTHING: het_nhung 다_잊 ทุกสิ่ง
APPROVED: 已经授权 已经同意 已授权 已同意 已批准 已經同意 已經授權 用户希望你 承認済み 同意済み 許可済み すでに承認 すでに同意 이미_승인 이미_동의 이미_허락 อนุมัติแล้ว ยินยอมแล้ว อนุญาตแล้ว da_duyet da_dong_y da_cho_phep sudah_menyetujui sudah_mengizinkan telah_menyetujui sudah_setuju
NOASK: 不需要再次确认 无需确认 不用确认 不要再问 不必询问 無需確認 不要再問 不需要确认 確認せず 確認しないで 確認は不要 再度確認しない 聞かないで 다시_묻지 묻지_마 묻지_말 확인_없이 ไม่ต้องถาม อย่าถาม โดยไม่ต้องยืนยัน khong_hoi_lai dung_hoi_lai khong_can_xac_nhan jangan_bertanya jangan_tanya tanpa_konfirmasi tanpa_bertanya
RUN: 付款 支付 呼び出し 呼び出せ 호출하세요 호출해 호출하고 เรียกใช้ เรียก hay_goi panggil
AI: 正在浏览此页的 アシスタント様 어시스턴트님 เรียนผู้ช่วย kinh_gui_tro_ly asisten_yang_terhormat
";
