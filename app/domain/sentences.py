"""What the program says: one sentence per code, in Chinese and in English, with why and what would work.

Codes are raised by `Refused` and `Unavailable`, given as reasons for an approval, as causes of a device or a slip, as
hints of the search and warnings of a member's page. A test keeps this table and the code equal: every code has both
sentences and every sentence has its code. `app.domain.wording` says how a place like `{limit:money}` is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain.errors import Fact
from app.domain.wording import Pair, filled, is_chinese

# Sorted by code.
SENTENCES: Final[Mapping[str, Pair]] = {
    "adjust.no_reason": (
        "请选择调整原因",
        "Choose the reason for this adjustment.",
    ),
    "approval.adjustment": (
        "积分调整一律须经第二人批准",
        "Every adjustment of points needs a second person.",
    ),
    "approval.card_holder": (
        "批准卡须由持卡人本人输入 PIN 后发放",
        "Whoever the approval card is for types their own PIN.",
    ),
    "approval.clock": (
        "本机时钟可能不准，请第二人核对日期和时间后批准",
        "This computer's clock may be wrong; a second person checks date and time, then approves.",
    ),
    "approval.dear_gift": (
        "所兑礼品价值超过[ {limit:money} ]限额",
        "A gift in this redemption is worth more than the limit[ of {limit:money}].",
    ),
    "approval.desk_lost": (
        "服务台报失后会远程清除本机数据，须由另一人共同批准",
        "A desk that is reported lost destroys what it holds; a second person approves that.",
    ),
    "approval.desk_resumed": (
        "恢复服务台须由另一人共同批准",
        "A second person approves that a desk works again.",
    ),
    "approval.desk_retired": (
        "注销服务台须由另一人共同批准",
        "A second person approves that a desk is given up.",
    ),
    "approval.enrolment": (
        "服务台接入中心须由另一人共同批准",
        "A second person approves that a desk is enrolled.",
    ),
    "approval.feed": (
        "中心数据恢复须由另一人共同批准",
        "A second person approves that the hub goes on from an earlier time.",
    ),
    "approval.guest": (
        "外店会员兑换须经第二人批准",
        "A redemption by a member of another mall needs a second person.",
    ),
    "approval.large_slip": (
        "小票金额超过[ {limit:money} ]限额",
        "The slip is above the limit[ of {limit:money}].",
    ),
    "approval.many_points": (
        "本次兑换超过[ {limit} ]积分限额",
        "This redemption is above the limit[ of {limit} points].",
    ),
    "approval.member_pin": (
        "会员更换 PIN 须由主管核对身份后批准",
        "A supervisor checks who the member is before their PIN is changed.",
    ),
    "approval.no_member_pin": (
        "会员未设 PIN，兑换超过[ {limit} ]积分限额须由主管代为确认",
        "The member has no PIN, so a supervisor confirms redemptions above the limit[ of {limit} points].",
    ),
    "approval.no_right": (
        "[工号 {staff} ]无权批准，请换一位主管",
        "[Staff {staff} ]may not approve; ask a supervisor.",
    ),
    "approval.offline": (
        "断网期间的兑换须经主管当面批准",
        "While the hub cannot be reached, a second person approves every redemption.",
    ),
    "approval.offline_rules": (
        "修改离线规则须由另一人共同批准",
        "A second person approves a change of the offline rules.",
    ),
    "approval.old_slip": (
        "小票已超过[ {limit} 天]补录期限",
        "The slip is older than the time allowed for crediting[ ({limit} {limit:day|days})].",
    ),
    "approval.partner": (
        "添加集团商场须由另一人共同批准",
        "A second person approves that another mall is added.",
    ),
    "approval.required": (
        "需要主管批准[：{why}]",
        "A supervisor must approve[: {why}]",
    ),
    "approval.reversal": (
        "只能自行撤销本人在本台[ {limit} 分钟内]办理的操作，其余须经主管批准",
        "You can undo your own operations at this desk[ for {limit} minutes]; anything else needs a supervisor.",
    ),
    "approval.same_person": (
        "不能批准自己的操作，请另一位主管批准",
        "Nobody approves their own operation; ask another supervisor.",
    ),
    "approval_card.needed": (
        "已与中心断开：请[ {name} ]刷批准卡，再输入 PIN",
        "Cut off from the hub: scan[ {name}'s] approval card, then type the PIN.",
    ),
    "approval_card.none": (
        "[工号 {staff} ]没有可用的批准卡，请联系管理员发放",
        "[Staff {staff} ]has no approval card that counts; ask an administrator for one.",
    ),
    "approval_card.nothing_to_approve": (
        "这是批准卡；现在没有需要批准的业务",
        "This is an approval card; nothing has to be approved now.",
    ),
    "approval_card.unreadable": (
        "这不是批准卡，请重新扫描",
        "This is no approval card; scan it again.",
    ),
    "approval_card.wrong": (
        "这张批准卡已失效，请使用新卡",
        "This approval card no longer counts; use the new one.",
    ),
    "backup.broken": (
        "这份备份无法读取或密钥不符[：{file}]，请换一份",
        "This backup cannot be read or the key is wrong[: {file}]; choose another.",
    ),
    "backup.missing": (
        "未找到备份[：{file}]",
        "There is no such backup[: {file}].",
    ),
    "backup.none": (
        "还没有备份[：{folder}]，请先运行 memberdesk backup",
        "There is no backup yet[ in {folder}]; run memberdesk backup first.",
    ),
    "backup.not_local": (
        "本台位的数据在 PostgreSQL 上，请用数据库服务器的备份",
        "This desk's data is on PostgreSQL; use that server's own backups.",
    ),
    "bench.other_store": (
        "该文件夹[（{folder}）]里是别的数据，不能用来测量；请换一个空文件夹",
        "This folder[ ({folder})] holds something else; choose an empty one for the measured store.",
    ),
    "bench.unknown_suite": (
        "没有这组测量[：{suite}]；现有：{suites}",
        "There is no such suite[: {suite}]; there is: {suites}.",
    ),
    "bundle.cut_off": (
        "数据包不完整，请重新复制；没有读入任何内容",
        "The file is not whole; copy it again. Nothing of it was taken.",
    ),
    "bundle.damaged": (
        "数据包的内容与签名不符，可能已损坏或被改动；没有读入任何内容",
        "The file does not match its signature: it is damaged or was changed. Nothing of it was taken.",
    ),
    "bundle.for_desk": (
        "这是中心发给服务台[ {desk} ]的数据包，请在该台读取",
        "This file is the hub's answer to desk[ {desk}]; read it there.",
    ),
    "bundle.for_hub": (
        "这是发往中心的数据包，请带到中心读取；本机要读的是中心写回的那一份",
        "This file is for the hub. The one to read here is what the hub writes back.",
    ),
    "bundle.gap": (
        "之前导出的数据包还没有送到中心；请把服务台的数据重新导出一次再送来",
        "What came before this was never brought to the hub; save the desk's unsent work again and bring that.",
    ),
    "bundle.newer": (
        "数据包由更新版本的程序写成，请先更新程序",
        "The file was written by a newer program; update this one first.",
    ),
    "bundle.not_one": (
        "这不是会员服务台的数据包",
        "This is no file of MemberDesk's for carrying.",
    ),
    "bundle.not_read": (
        "无法读取[ {file} ][：{why}]",
        "The file[ {file}] cannot be read[: {why}].",
    ),
    "bundle.not_written": (
        "无法写入[ {file} ][：{why}]；业务都还在本机",
        "The file[ {file}] cannot be written[: {why}]. Everything is still on this computer.",
    ),
    "bundle.other_desk": (
        "这份数据包是发给服务台[ {desk} ]的，不是本台",
        "This file is for another desk[: {desk}].",
    ),
    "bundle.other_feed": (
        "这份数据包与本机现有数据接不上，请重新导出一份送到中心",
        "This file does not follow on from what this desk has; save a new one and bring it to the hub.",
    ),
    "bundle.other_reader": (
        "这份数据包是发给另一商场或另一密钥的，此处无法打开",
        "This file is for another mall, or for keys that are no longer here; it cannot be opened.",
    ),
    "card.alert_recent": (
        "30 天内该会员的卡有过疑似复制的提醒，请核对本人身份",
        "One of this member's cards looked copied within the last 30 days; check who it is.",
    ),
    "card.bank": (
        "这是银行卡，不能使用，卡号未保存；请刷会员卡，或按手机号查找",
        "This is a bank card. It was refused and nothing of it was kept; swipe the member card or search by phone.",
    ),
    "card.batch_count": (
        "请输入 1 至 {most} 之间的数量",
        "Type a number from 1 to {most}.",
    ),
    "card.batch_overlaps": (
        "该批卡号与已有批次重叠，请换一个起始序号",
        "These serials overlap a batch that is already here; choose another first serial.",
    ),
    "card.batch_unknown": (
        "未找到该卡号批次，请刷新列表",
        "This batch of card numbers is not known; load the list again.",
    ),
    "card.batch_used_up": (
        "该批次已没有未发放的卡号",
        "No number of this batch is left in stock.",
    ),
    "card.code_wrong": (
        "磁条与最近一次写卡不符，可能是复制卡或旧卡，目前只能查看；请核对本人身份，再挂失或换卡（F9）",
        "The stripe is not what was last written: perhaps a copy. Look only; check who it is, replace the card (F9).",
    ),
    "card.foreign": (
        "这不是本商场的会员卡",
        "This is not a member card of this mall.",
    ),
    "card.has_active": (
        "该会员已有一张在用的卡，请先挂失或换卡",
        "The member already has a card in use; report it lost or replace it.",
    ),
    "card.issue_changed": (
        "此卡刚刚在别处重写过，请重新开始",
        "This card has just been written elsewhere; start again.",
    ),
    "card.issued_before": (
        "此卡号已发放过，请取一张新卡",
        "This card has been issued before; take a new one.",
    ),
    "card.issues_used_up": (
        "此卡已重写 99 次，请换一个新卡号",
        "This card has been written 99 times; give the member a new number.",
    ),
    "card.lost": (
        "此卡已挂失，请按手机号查找会员并办理换卡（F9）",
        "This card was reported lost; find the member by phone and replace the card (F9).",
    ),
    "card.misread": (
        "卡号校验不符，可能读错或输错，请重试",
        "The card number's check digit is wrong; it may be misread or mistyped. Try again.",
    ),
    "card.no_number": (
        "请刷卡或输入卡号",
        "Swipe the card or type its number.",
    ),
    "card.none_active": (
        "该会员没有可用的卡，可补办新卡（F9）",
        "The member has no card in use; issue a new one (F9).",
    ),
    "card.none_left": (
        "本台的卡号已用完，请管理员添加新批次",
        "This desk has no card numbers left; an administrator adds a batch.",
    ),
    "card.none_left_of_hub": (
        "本台的卡号已用完。联机后中心会自动补发，一分钟内可用；断网时请先办入会，恢复后再发卡",
        (
            "This desk has no card numbers left. The hub gives it more by itself, within a minute while the line is "
            "up; cut off, enrol the member now and give them the card when it is back."
        ),
    ),
    "card.not_16_digits": (
        "会员卡号应为 16 位数字",
        "A member card number has 16 digits.",
    ),
    "card.not_active": (
        "此卡不可用[（{state}）]，请使用会员当前的卡",
        "This card cannot be used[ ({state})]; use the member's current card.",
    ),
    "card.not_in_stock": (
        "此卡号不在本商场的库存中，请取一张库存卡",
        "This number is not in the mall's card stock; take a card from stock.",
    ),
    "card.not_issued": (
        "此卡尚未发放，可在会员页发给会员（F9）",
        "This card has not been issued yet; it can be given to a member (F9).",
    ),
    "card.not_this_member": (
        "此卡不属于该会员，请核对卡号",
        "This card belongs to somebody else; check the number.",
    ),
    "card.other_kind": (
        "此卡号属于另一类卡的批次，请取对应的卡",
        "This number belongs to a batch for another kind of card; take one that fits.",
    ),
    "card.prefix_four_digits": (
        "卡号前缀应为 4 位数字",
        "The card prefix has four digits.",
    ),
    "card.prefix_of_banks": (
        "以 3 至 6 开头的前缀属于银行卡，请换一个",
        "Prefixes that start with 3 to 6 belong to bank cards; choose another.",
    ),
    "card.qr_false": (
        "这个会员码不是本商场的，或已损坏，请会员刷新后再出示",
        "This member code is not the mall's, or damaged; ask the member to show it again.",
    ),
    "card.qr_old": (
        "会员码已过期，请会员刷新后再出示",
        "The member code has expired; ask the member to show a fresh one.",
    ),
    "card.qr_used": (
        "这个会员码已经用过，请会员等待刷新后再出示",
        "This member code has been used; ask the member to wait for the next one.",
    ),
    "card.replaced": (
        "此卡已换新，请使用会员的新卡，或按手机号查找",
        "This card has been replaced; use the member's new card or search by phone.",
    ),
    "card.served_by_clerks": (
        "刷卡业务由柜员或主管办理，请换人登录",
        "Cards are served by clerks and supervisors; let one of them sign in.",
    ),
    "card.two_counters": (
        "一分钟内该会员刚在“{desk}”办理过业务，请核对本人身份",
        "This member was served at “{desk}” less than a minute ago; check who it is.",
    ),
    "card.unknown": (
        "未找到此卡，请核对卡号，或按手机号查找",
        "This card is not known; check the number or search by phone.",
    ),
    "card.unreadable": (
        "未能读出卡号，请匀速再刷一次，或手工输入",
        "The card could not be read; swipe it again at an even speed or type the number.",
    ),
    "card.void": (
        "此卡已作废，请按手机号查找会员",
        "This card is void; find the member by phone.",
    ),
    "clock.suspect": (
        "本机时钟可能不准，自动任务已暂停；请校准时钟",
        "This computer's clock may be wrong, so scheduled work is paused; set the clock right.",
    ),
    "code.taken": (
        "代码[ {code} ]已在使用，请换一个，或在列表中修改它",
        "The code[ {code} ]is in use; choose another, or change that one in the list.",
    ),
    "code.unreadable": (
        "代码由字母、数字、点、横线组成，最多 20 位",
        "A code consists of letters, digits, dots and hyphens, at most 20 of them.",
    ),
    "conflict.actor_invalid": (
        "操作人当时无权办理此项业务，已照实入账，请主管核查",
        "Whoever did this had no right to at that time; it is recorded as it happened, and a supervisor looks into it.",
    ),
    "conflict.already_reversed": (
        "这笔业务此前已在别处撤销，本次撤销不再生效",
        "This had been reversed elsewhere already; the second reversal has no effect.",
    ),
    "conflict.approver_invalid": (
        "批准人当时已无批准权限或缺少批准，已照实入账，请主管核查",
        "Nobody who may approve had approved this; it is recorded as it happened, and a supervisor looks into it.",
    ),
    "conflict.card": (
        "此卡号已属于别人或不可发放，请为会员另换一张卡",
        "This card number is somebody else's or cannot be issued; give the member another card.",
    ),
    "conflict.clock": (
        "本台当时的时钟不准，已照实入账，请核对日期",
        "The desk's clock was wrong at that time; it is recorded, please check the date.",
    ),
    "conflict.dup_receipt": (
        "小票[ {slip_number} ]已在别处积过分，本次积分已自动冲回，请告知会员",
        "Slip[ {slip_number}] had been credited elsewhere; these points were taken back. Please tell the member.",
    ),
    "conflict.looked_up_much": (
        "服务台 {desk} 当天向中心查看了 {quota} 位以上会员的完整资料，之后的已拒绝，请主管核查",
        (
            "In one day desk {desk} asked the hub for the data of more than {quota} members. It gets no more today; a "
            "supervisor looks into it."
        ),
    ),
    "conflict.member_closed": (
        "会员当时已冻结或注销，已照实入账，请主管核查",
        "The member was frozen or closed at that time; it is recorded, and a supervisor looks into it.",
    ),
    "conflict.merge_candidate": (
        "同一手机号已有会员，两个账户均保留，请核实后合并",
        "Somebody with this telephone number is a member already; both accounts stand until they are merged.",
    ),
    "conflict.no_member_proof": (
        "当时缺少会员本人确认，已照实入账，请主管核查",
        "The member had not agreed to this; it is recorded as it happened, and a supervisor looks into it.",
    ),
    "conflict.not_applied": (
        "离线业务无法入账[：{why}]，请核查处理",
        "What was done offline could not be booked[: {why}]",
    ),
    "conflict.not_granted": (
        "此项业务只能联机办理，未经中心批准，没有入账",
        "Only the hub decides this, and it was not asked; nothing was booked.",
    ),
    "conflict.over_licence": (
        "此服务台离线兑换的积分超过了中心给它的限额，已照实入账；服务台已停用，请主管核查",
        (
            "Cut off, this desk redeemed more than its licence allows. It is booked, the desk was suspended, and a "
            "supervisor looks into it."
        ),
    ),
    "conflict.overdrawn": (
        "离线兑换后积分不足[，欠 {missing} 分]，已照实入账，请联系会员",
        "More was redeemed offline than there was[: {missing} points are owed]; it is booked, please call the member.",
    ),
    "conflict.pending_review": (
        "当天[由收银系统 {till} ]记入的积分超过 {limit:points} 分，这笔 {points:points} 分核对后才能使用",
        "More than {limit:points} points were credited[ by till {till}] in a day; {points:points} wait for a look.",
    ),
    "conflict.policy_stale": (
        "当时所用规则或价格[（{gift}）]已变更，已按规定入账，请核对",
        "The rules or the price[ of {gift}] had changed by then; it is booked, please check.",
    ),
    "conflict.stock_short": (
        "礼品[ {gift} ]账面库存不足[，差 {missing} 件]，已照实发放，请盘点",
        "The count of[ {gift}] was too low[ by {missing}]; it is booked as handed out, please count the shelf.",
    ),
    "coupon.days_unreadable": (
        "券的有效天数应为 1 至 {most} 天",
        "The days that a coupon counts are a number from 1 to {most}.",
    ),
    "coupon.expired": (
        "此券已于 {until} 到期，不能再使用",
        "This coupon expired on {until} and no longer counts.",
    ),
    "coupon.taken_back": (
        "这张券的兑换已撤销，券已作废，请收回",
        "The redemption that gave this coupon was undone; it is void, keep it.",
    ),
    "credit.no_amount": (
        "请输入小票金额",
        "Enter the amount of the slip.",
    ),
    "credit.no_shop": (
        "请选择店铺",
        "Choose the shop.",
    ),
    "database.no_such_role": (
        "数据库中没有这个角色[：{role}]，请先由管理员创建",
        "There is no such role in the database[: {role}]; an administrator creates it first.",
    ),
    "database.not_postgres": (
        "此操作只适用于 PostgreSQL 数据库",
        "This is only for a PostgreSQL store.",
    ),
    "database.passes_fences": (
        "角色[ {role}]是表的所有者或有超级权限，任何行级限制对它都不起作用；请另建一个普通角色",
        "The role[ {role}] owns the tables or has superuser rights, so no fence would hold it; create an ordinary one.",
    ),
    "demo.no_postgres": (
        "带中心的演示需要 PostgreSQL：请改用 make demo-hub（会先装好），或用 --database 指定一个空的 PostgreSQL 数据库",
        (
            "The demo with a hub needs PostgreSQL: use make demo-hub, which installs one, or name an empty PostgreSQL "
            "database with --database."
        ),
    ),
    "demo.not_a_demo": (
        "此文件夹中是真实的服务台，演示不会改动它[：{folder}]；请换一个文件夹",
        "This folder holds a real desk, which the demo leaves alone[: {folder}]; choose another folder.",
    ),
    "demo.other_mall": (
        "该数据库中是另一个商场，演示不会改动它；请用 --database 指定一个空数据库",
        "This database holds another mall, which the demo leaves alone; name an empty one with --database.",
    ),
    "desk.exists": (
        "服务台[ {desk}][（{number} 号）]已存在，请换一个编号",
        "Desk[ {desk}][ (number {number})] exists already; choose another code and number.",
    ),
    "desk.gone": (
        "服务台[ {desk} ][{desk_state}]，要再次使用请重新接入",
        "Desk[ {desk}] is[ {desk_state}] no longer in use; to use it again, enrol it.",
    ),
    "desk.key_unreadable": (
        "服务台公钥应为 64 位十六进制小写字符",
        "A desk's public key is 64 hexadecimal digits in lower case.",
    ),
    "desk.must_enrol": (
        "服务台[ {desk} ]的数据被还原或复制过，不能直接恢复，请生成接入码重新接入",
        "The store of desk[ {desk}] was restored or copied; it cannot be resumed. Make a code and enrol it again.",
    ),
    "desk.not_enrolled": (
        "服务台[ {desk} ]没有接入中心",
        "Desk[ {desk}] is not enrolled with a hub.",
    ),
    "desk.number_range": (
        "服务台编号应在[ {lowest} 至 {highest} ]之间",
        "The desk's number is out of range[: {lowest} to {highest}].",
    ),
    "desk.other_home": (
        "此文件夹属于服务台[ {home_desk}]，不是[ {desk}]，请核对 --home 或 --desk",
        "This folder was set up for another desk[ ({home_desk}, not {desk})]; check --home or --desk.",
    ),
    "desk.other_store": (
        "此服务台使用的是另一个数据库，请核对 --store 或 --home",
        "This desk uses another store; check --store or --home.",
    ),
    "desk.own_desk": (
        "不能在本台停用、注销或报失本台，请到另一台或中心办理",
        "Nobody does this to the desk they work at; do it at another one, or at the hub.",
    ),
    "desk.silent": (
        "服务台[ {desk} ]现在没有联系，它可能还有未发送的业务；请先让它联网，找不到就报失",
        "Desk[ {desk}] is not in contact and may hold unsent operations; connect it first, or report it lost.",
    ),
    "desk.unknown": (
        "未找到服务台[ {desk}]，请核对编号，或先完成初始设置",
        "There is no desk[ {desk}]; check its code or set it up first.",
    ),
    "desk.unsent": (
        "服务台[ {desk} ]还有 {count} 笔业务没有发送，发完才能注销",
        "Desk[ {desk}] has {count} unsent {count:operation|operations}; it can be retired when they have arrived.",
    ),
    "desk.wiped": (
        "本台已被报失，数据和密钥已销毁；要继续使用，请由管理员重新接入中心",
        "This desk was reported lost and has destroyed what it held; to use it again it is enrolled with the hub anew.",
    ),
    "desk_certificate.date": (
        "这张证书不在有效期内（{since} 至 {until}）；请先核对本机日期，日期无误则请管理员重新签发",
        "The certificate is good from {since} to {until}. If this computer's date is right, ask for a new one.",
    ),
    "desk_certificate.key_locked": (
        "私钥设有密码；本机要自行连接，请向管理员索取没有密码的私钥",
        "The private key has a password. This computer connects by itself: ask for a key without one.",
    ),
    "desk_certificate.key_not_read": (
        "私钥文件[ {file} ]无法读取",
        "The private key's file[ {file}] cannot be read.",
    ),
    "desk_certificate.no_key": (
        "没有找到 PEM 格式的私钥，请选择这张证书的私钥文件",
        "No private key in PEM form was found: choose the key file of this certificate.",
    ),
    "desk_certificate.none": (
        "文件[ {file} ]里没有 PEM 格式的证书",
        "There is no certificate in PEM form in the file[ {file}].",
    ),
    "desk_certificate.not_read": (
        "本机证书文件[ {file} ]无法读取",
        "The certificate file of this computer[, {file},] cannot be read.",
    ),
    "desk_certificate.other_key": (
        "私钥与证书不配对，请核对两个文件",
        "The private key does not belong to this certificate; check both files.",
    ),
    "device.bad_url": (
        "设备地址无法识别[：{url}]，请在设备设置中更正",
        "The device's address is not understood[: {url}]; correct it in the device settings.",
    ),
    "device.busy": (
        "端口正被其他程序占用[：{url}]，请关闭后重试",
        "Another program is using the port[ {url}]; close it and try again.",
    ),
    "device.connected_anew": (
        "已保存，设备已按新设置连接",
        "Kept; the machines are connected as chosen.",
    ),
    "device.driver_unknown": (
        "没有这种设备型号[：{name}]，请从列表中选择",
        "There is no such kind of machine[: {name}]; choose one from the list.",
    ),
    "device.failed": (
        "设备程序出错，正在自动重新连接",
        "The device's driver failed and is connecting again by itself.",
    ),
    "device.is_there": (
        "已连接，应答正常",
        "Connected, and it answers.",
    ),
    "device.look_at_display": (
        "已发送，请看客显屏是否显示",
        "Sent; look whether the display shows it.",
    ),
    "device.name_twice": (
        "两台设备不能同名[：{name}]，请改一个名称",
        "Two machines cannot have one name[: {name}]; give one of them another.",
    ),
    "device.no_pcsc": (
        "未安装 PC/SC 读卡器组件，请管理员安装 pyscard",
        "Support for PC/SC readers is not installed; an administrator installs pyscard.",
    ),
    "device.no_rights": (
        "没有访问端口的权限[：{url}]，请管理员授权",
        "This user may not open the port[ {url}]; an administrator grants access.",
    ),
    "device.no_simulator": (
        "此系统不支持模拟设备",
        "Simulated devices do not run on this system.",
    ),
    "device.one_of_a_kind": (
        "同一台位只能启用一台此类设备[：{device}]，请先停用另一台",
        "Only one such machine can be in use at a desk[: {device}]; switch the other off first.",
    ),
    "device.other_reader": (
        "刚才刷的是另一台读卡器[：{name}]，请在这台上再刷一次",
        "That was another reader[: {name}]; swipe at this one.",
    ),
    "device.port_in_use": (
        "这个端口已由本台位的设备使用[：{name}]，请先停用该设备",
        "A machine of this desk uses this port[: {name}]; switch that machine off first.",
    ),
    "device.port_missing": (
        "请选择或填写端口[：{name}]",
        "Choose or type the port[ of {name}].",
    ),
    "device.same_port": (
        "两台设备不能共用一个端口[：{one}、{other}]，请换一个",
        "Two machines cannot share a port[: {one}, {other}]; choose another for one of them.",
    ),
    "device.silent": (
        "设备没有应答，请检查电源和连接线",
        "The device does not answer; check power and cable.",
    ),
    "device.stopped": (
        "设备已停用",
        "The device has been stopped.",
    ),
    "device.switched_off": (
        "这台设备已停用",
        "This machine is switched off.",
    ),
    "device.too_many_readers": (
        "启用的读卡器太多[，最多 {most} 台]，请先停用一台",
        "Too many readers are in use[; the most is {most}]. Switch one off first.",
    ),
    "device.unplugged": (
        "设备未连接[：{url}]，请检查电源和连接线，接好后自动恢复",
        "The device is not connected[ ({url})]; check power and cable. It comes back by itself.",
    ),
    "disk.low": (
        "磁盘剩余不足 200 MB，暂不能办理新业务；请清理磁盘，已办的业务都在",
        "Less than 200 MB are free on this computer: nothing new can be done until there is room. Nothing is lost.",
    ),
    "disk.soon_full": (
        "磁盘剩余[ {free} ]，少于 200 MB 时将不能办理业务；请告知管理员清理",
        "There is little room on this computer's disk[: {free} left]. Below 200 MB nothing new can be done; make room.",
    ),
    "dispenser.bin_full": (
        "发卡机的废卡箱已满，请清空后重试",
        "The dispenser's bin for spoilt cards is full; empty it and try again.",
    ),
    "dispenser.card_at_mouth": (
        "发卡口还有一张卡，请先取走",
        "A card still waits at the dispenser's mouth; take it out first.",
    ),
    "dispenser.card_gone": (
        "写好的卡已不在发卡机读卡位，请勿发放，重新制卡",
        "The written card is no longer at the dispenser's read position; do not hand it out, make another.",
    ),
    "dispenser.empty": (
        "发卡机卡箱已空，请放入空白卡",
        "The dispenser's hopper is empty; put blank cards in.",
    ),
    "dispenser.failed": (
        "发卡机未能送卡，请检查卡片是否叠放整齐",
        "The dispenser could not move a card; check that the cards lie straight.",
    ),
    "dispenser.jam": (
        "发卡机卡住，请打开取出卡片",
        "A card is stuck in the dispenser; open it and take the card out.",
    ),
    "dispenser.low": (
        "发卡机卡片不多，请备好空白卡",
        "The dispenser is running low; have blank cards ready.",
    ),
    "dispenser.not_seen_out": (
        "未确认卡已送出，请勿发放，重新制卡",
        "Nobody knows whether the card came out; do not hand it out, make another.",
    ),
    "dispenser.not_understood": (
        "发卡机不接受此命令，请在设备设置中核对型号",
        "The dispenser refuses the command; check its model in the device settings.",
    ),
    "dispenser.stuck": (
        "发卡机动作超时，请检查是否卡住",
        "The dispenser did not finish in time; check whether a card is stuck.",
    ),
    "display.stalled": (
        "客显停止接收数据，请检查电源和连接线",
        "The customer display stopped taking data; check power and cable.",
    ),
    "encoder.bad_swipe": (
        "刷卡不匀，未能写好，请勿发放此卡",
        "The swipe was uneven and the card was not written; do not hand it out.",
    ),
    "encoder.busy": (
        "正在制作另一张卡，请稍候",
        "Another card is being made; wait a moment.",
    ),
    "encoder.cancelled": (
        "已取消制卡",
        "Making the card was cancelled.",
    ),
    "encoder.card_left": (
        "卡片过早移开，未能核对，请勿发放此卡",
        "The card left the reader before it was checked; do not hand it out.",
    ),
    "encoder.failed": (
        "写卡失败，请换一张卡",
        "Writing failed; take another card.",
    ),
    "encoder.format": (
        "写卡器不接受卡片内容，请联系管理员",
        "The encoder refuses what is to be written; tell an administrator.",
    ),
    "encoder.garbled": (
        "与写卡器通信出错，请检查连接线",
        "The line to the encoder is disturbed; check the cable.",
    ),
    "encoder.mismatch": (
        "读回内容与写入不符，此卡不能发放",
        "What was read back is not what was written; this card must not be handed out.",
    ),
    "encoder.no_card": (
        "未放卡，制卡已停止，可重试",
        "No card was laid down; try again.",
    ),
    "encoder.no_swipe": (
        "20 秒内未刷卡，制卡已停止，可重试",
        "No card was swiped within 20 seconds; try again.",
    ),
    "encoder.not_read_back": (
        "未再次刷卡核对，此卡不能发放",
        "The card was not swiped again to be checked; it must not be handed out.",
    ),
    "encoder.not_understood": (
        "写卡器不接受此命令，请在设备设置中核对型号",
        "The encoder refuses the command; check its model in the device settings.",
    ),
    "encoder.other_card": (
        "核对时换了另一张卡，两张都不能发放",
        "Another card was laid down in the middle; neither must be handed out.",
    ),
    "encoder.unreadable": (
        "写入后读不出来，此卡不能发放",
        "The card cannot be read after writing; it must not be handed out.",
    ),
    "encoder.write_error": (
        "写卡出错，请换一张卡",
        "The card could not be written; take another one.",
    ),
    "encoder.wrong_card": (
        "此卡不是可写的会员卡（需 Mifare Classic）",
        "This is no card that can be written (Mifare Classic is needed).",
    ),
    "encoder.wrong_key": (
        "打不开卡片扇区，密钥不符，请换一张卡",
        "The card's sector does not open with our key; take another card.",
    ),
    "enrol.bad_address": (
        "[“{address}”]不是中心地址，例如 10.0.0.5 或 https://hub.example:8443",
        "[{address} ]is no address of a hub; for example 10.0.0.5 or https://hub.example:8443.",
    ),
    "enrol.cancelled": (
        "已停止接入；接入码仍为本机保留，再按一次会接着办",
        "Stopped. The code is kept for this computer: once more goes on from here.",
    ),
    "enrol.certificate": (
        "本机不认识中心出示的证书，请与中心管理员核对指纹[：{fingerprint}]",
        "This computer does not know the hub's certificate. Compare its fingerprint at the hub[: {fingerprint}]",
    ),
    "enrol.certificate_not_taken": (
        "中心没有接受本机的证书，已断开连接；请管理员核对签发机构",
        "The hub closed the line although this computer showed its certificate; an administrator checks who issued it.",
    ),
    "enrol.copy_broken_off": (
        "接入码已被接受，但首份数据没有下载完；再按一次会接着办，不需要新的接入码",
        "The code was accepted, but the first copy did not come to its end. Once more goes on; no new code is needed.",
    ),
    "enrol.hub_trouble": (
        "中心暂时无法处理，请稍后再试；接入码仍然有效",
        "The hub is in trouble; try again in a while. The code was not used.",
    ),
    "enrol.needs_tls": (
        "中心地址须以 https 开头；不加密的连接会泄露接入码",
        "The hub's address begins with https: without encryption the code could be read on the way.",
    ),
    "enrol.unreachable": (
        "连接不到[ {address}]，请检查网线和地址，并确认中心已启动",
        "[{address} ]does not answer. Check the network and the address, and that the hub runs.",
    ),
    "enrol.wants_certificate": (
        "中心接通后没有应答就断开了，可能要求出示本机证书；请选择管理员给的证书文件",
        "The hub closed the line without a word. It may ask for a certificate of this computer: choose its file.",
    ),
    "feed.only_at_hub": (
        "中心数据恢复只能在中心的电脑上执行",
        "Only at the hub itself can it be told that it was put back.",
    ),
    "feed.since_to_come": (
        "恢复的时间点必须早于现在",
        "The time that the hub was put back to has to be before now.",
    ),
    "file.not_read": (
        "无法读取文件[ {file}][：{why}]，请换一个文件",
        "The file[ {file}] cannot be read[: {why}]. Choose another one.",
    ),
    "file.not_written": (
        "无法保存文件[ {file}][：{why}]，请换一个位置再试",
        "The file[ {file}] could not be saved[: {why}]. Try another place.",
    ),
    "gift.coupon_for_guest": (
        "[“{gift}”是]券[，]外店会员不能兑换",
        "[“{gift}” is a coupon: m]embers of other malls cannot have it.",
    ),
    "gift.elsewhere": (
        "[「{gift}」]{left:柜台无库存|柜台只剩 # 件|柜台只剩 # 件}[，{desk} {pieces} 件]",
        "[{gift}: ]{left:out of stock here|only # left here|only # left here}[; {desk} has {pieces}].",
    ),
    "gift.none_found": (
        "没有找到礼品[「{typed}」]，可输入名称或拼音首字母",
        "No gift matches[ “{typed}”]; type its name or initials.",
    ),
    "gift.not_on_offer": (
        "[「{gift}」]已下架，请选择其他礼品",
        "[{gift}: ]no longer on offer; choose another gift.",
    ),
    "gift.out_of_stock": (
        "[「{gift}」]{left:柜台无库存|柜台只剩 # 件|柜台只剩 # 件}[，{elsewhere}]",
        "[{gift}: ]{left:out of stock here|only # left here|only # left here}[; elsewhere: {elsewhere}].",
    ),
    "gift.points_unreadable": (
        "请输入所需积分，1 至 {most} 的整数",
        "Enter the points it costs, a whole number from 1 to {most}.",
    ),
    "gift.price_changed": (
        "[「{gift}」的]积分价已变[，现为 {points} 积分]，请确认后重新提交",
        "[{gift}: ]the price has changed[; it now costs {points} points]. Check and submit again.",
    ),
    "gift.unknown": (
        "没有这个礼品[：{gift}]",
        "There is no such gift[: {gift}].",
    ),
    "gift.value_unreadable": (
        "请输入价值，如 99 或 99.50（元）",
        "Enter its value in yuan, such as 99 or 99.50.",
    ),
    "group.bad_key": (
        "集团密钥应为 64 位十六进制数",
        "The group's key is 64 hexadecimal digits.",
    ),
    "group.no_points": (
        "外店会员兑换的积分必须大于零",
        "A redemption by a guest has to cost points.",
    ),
    "group.none": (
        "本商场没有加入集团",
        "This mall is in no group.",
    ),
    "group.not_active": (
        "这位会员在“{mall}”不是正常状态，不能在这里兑换",
        "Their membership of {mall} is not active; nothing can be redeemed with it.",
    ),
    "group.only_at_hub": (
        "集团商场只能在中心的电脑上添加",
        "Malls of the group are added at the hub itself.",
    ),
    "group.other_key": (
        "本商场已有另一把集团密钥",
        "This mall has another key of the group already.",
    ),
    "group.own_mall": (
        "不能把本商场添加为集团商场",
        "A mall is not its own partner.",
    ),
    "group.public_key_unreadable": (
        "对方中心的公钥应为 64 位十六进制数",
        "The other hub's public key is 64 hexadecimal digits.",
    ),
    "group.unknown_mall": (
        "集团里没有商场 {mall}",
        "There is no mall {mall} in the group.",
    ),
    "group.unreachable": (
        "暂时连不上“{mall}”，外店会员只能联机兑换，请稍后再试",
        "{mall} cannot be reached; its members can redeem here only while it answers. Try again later.",
    ),
    "hand_out.nothing_ticked": (
        "请勾选要发放的礼品",
        "Tick the gifts to hand out.",
    ),
    "hold.not_this_member": (
        "这笔冻结属于其他会员，请核对",
        "This hold belongs to another member.",
    ),
    "hold.points_unreadable": (
        "请输入要冻结的积分，如 500",
        "Enter the points to freeze, such as 500.",
    ),
    "hold.resolved": (
        "这笔冻结已解除",
        "This hold has been released already.",
    ),
    "hold.unknown": (
        "未找到这笔冻结记录",
        "There is no such hold.",
    ),
    "hub.bad_address": (
        "监听地址应为 主机:端口[，而非 {address}]",
        "The address to listen on is HOST:PORT[, not {address}].",
    ),
    "hub.busy": (
        "请求过于频繁，请稍候再试",
        "Too many requests; wait a moment.",
    ),
    "hub.cannot_listen": (
        "无法监听[ {address}]，请检查端口是否被占用",
        "The hub cannot listen on[ {address}]; the port may be in use.",
    ),
    "hub.certificate": (
        "中心的证书未通过验证，请管理员核对证书文件",
        "The hub's certificate could not be verified; an administrator checks the certificate file.",
    ),
    "hub.certificate_date": (
        "中心的证书不在有效期内；请先核对本机日期，日期无误则请管理员更换证书",
        "The hub's certificate is not valid today. Check this computer's date; if that is right, it has ended.",
    ),
    "hub.certificate_file": (
        "证书文件[ {file} ]无法读取",
        "The certificate file[ {file}] cannot be read.",
    ),
    "hub.certificate_name": (
        "中心的证书不是为此地址签发的；请按证书上的名称填写地址，或请管理员重新签发",
        "The hub's certificate is for another address. Use the address it was made for, or have it made for this one.",
    ),
    "hub.clock_wrong": (
        "本机时钟与中心不一致，请校准日期和时间；校准前，兑换须由主管确认",
        "This computer's clock does not agree with the hub's; set it. Until then a supervisor confirms redemptions.",
    ),
    "hub.code_old": (
        "接入码已超过十分钟，请管理员和主管重新生成一个",
        "The enrolment code is older than ten minutes; the administrator and a supervisor make another.",
    ),
    "hub.code_used": (
        "接入码已经用过，每个只能接入一台；请重新生成",
        "The enrolment code was used before; each serves one desk. Have another made.",
    ),
    "hub.code_wrong": (
        "没有这个接入码，请核对后重新输入",
        "There is no such enrolment code; check it and type it again.",
    ),
    "hub.credited_too_much": (
        "此服务台一天补记的积分超过上限的两倍，已停用，请主管核对",
        "In one day this desk credited more than twice the limit; it was suspended for a supervisor to look into.",
    ),
    "hub.desk_newer": (
        "本机程序比中心新，有业务中心还读不懂，先存在本机；中心更新后自动发送，一笔不少",
        "This desk is newer than the hub, which cannot read all of it yet. It waits here until the hub is updated.",
    ),
    "hub.desk_unknown": (
        "中心不认识这个服务台，请重新接入",
        "The hub does not know this desk; enrol it again.",
    ),
    "hub.feed_broken": (
        "与中心的数据衔接有误，正在重新下载；已办的业务都在本机，不受影响",
        "The hub's feed does not follow on; a new copy is being taken. What was done here is kept.",
    ),
    "hub.feed_epoch": (
        "中心的数据已重建，请重新下载",
        "The hub's feed has begun anew; take a new snapshot.",
    ),
    "hub.feed_unreadable": (
        "中心已升级，本机程序读不懂新数据；可继续积分，请尽快更新程序",
        "The hub is newer than this program; points can still be credited. Update the program soon.",
    ),
    "hub.forged": (
        "应答不是本商场中心发出的，未采用",
        "The answer does not come from the mall's hub and was not used.",
    ),
    "hub.found_fork": (
        "此服务台的数据被还原或复制过，已停用，请管理员重新接入",
        "This desk's store was restored or copied; it is suspended until an administrator enrols it again.",
    ),
    "hub.licence_forged": (
        "授权文件不是本商场中心签发的，已停止使用",
        "This licence was not signed by the mall's hub and is not used.",
    ),
    "hub.needs_tls": (
        "对外监听必须使用 TLS 证书[：{address}]",
        "Listening beyond this machine needs a TLS certificate[: {address}].",
    ),
    "hub.no_answer": (
        "中心没有应答，本机可继续办理",
        "The hub does not answer; this desk goes on by itself.",
    ),
    "hub.no_answer_go_on": (
        "中心 8 秒内没有应答。再按一次即按断网规则办理，不会重复扣分",
        "The hub did not answer in 8 seconds. Once more goes on within the offline limits; nothing is taken twice.",
    ),
    "hub.nobody_approves": (
        "本商场还没有主管，无人可批准服务台接入；请先添加主管，再启用中心",
        "Nobody in this mall may approve that a desk enrols; add a supervisor before the hub is first started.",
    ),
    "hub.none": (
        "此服务台没有接入中心",
        "This desk follows no hub.",
    ),
    "hub.not_a_till": (
        "只有收银系统可以上报销售；请用收银系统的接入码接入",
        "Only a till tells sales; enrol this one with a code for a till.",
    ),
    "hub.not_allowed": (
        "中心不同意办理[：{why}]",
        "The hub does not allow this[: {why}]",
    ),
    "hub.not_recognised": (
        "中心未认出此服务台，请管理员检查接入",
        "The hub does not recognise this desk; an administrator checks its enrolment.",
    ),
    "hub.not_settled": (
        "中心的数据恢复过，还有服务台没有重新报到；报到完之前不能扣减积分",
        "The hub was restored, and not all desks have told it again what they did; until then no points are taken.",
    ),
    "hub.other_desk": (
        "操作属于另一个服务台，已另存待查",
        "The operation is another desk's; it was kept aside.",
    ),
    "hub.other_program": (
        "此地址上不是会员服务台中心，请核对网址",
        "There is no MemberDesk hub at this address.",
    ),
    "hub.program_old": (
        "本机程序太旧，中心要求[ {oldest} ]以上版本；请先更新程序",
        "This program is too old for the hub[, which asks for {oldest} or newer]; update it first.",
    ),
    "hub.program_older": (
        "中心的程序比本机旧，还不能办理[{verb}]，请管理员先更新中心",
        "The hub's program is older than this one and does not know this yet[: {verb}]. Update the hub first.",
    ),
    "hub.put_back": (
        "中心的数据库恢复到了较早的时间，还没有执行恢复命令；本台先离线办理，请通知管理员",
        "The hub's database was put back to an earlier time and nobody has told the hub. Tell the administrator.",
    ),
    "hub.re_enrol": (
        "本机数据被还原或复制过，须由管理员重新接入；未发送的业务可导出",
        "This desk's store was restored or copied; an administrator enrols it again. Unsent work can be exported.",
    ),
    "hub.refused": (
        "中心未同意办理",
        "The hub refused.",
    ),
    "hub.retired": (
        "此服务台已注销，中心不再接收它的业务；可凭接入码重新接入，或清除本机数据后移走电脑",
        "It was retired: the hub takes nothing of it. Enrol it again, or clear its data before the computer goes.",
    ),
    "hub.revoked": (
        "此服务台已停用，请联系管理员",
        "This desk is no longer in use; ask an administrator.",
    ),
    "hub.signature": (
        "签名不正确，请求被拒绝",
        "The signature is wrong; the request is refused.",
    ),
    "hub.stale_request": (
        "时间相差过大或请求已用过，请校准时钟后重试",
        "The request is too old or was used before; check the clock and try again.",
    ),
    "hub.till_only_sells": (
        "此接入码属于收银系统：它只上报销售，不能用作服务台",
        "This is a till's: it tells sales, and is no service desk.",
    ),
    "hub.too_large": (
        "请求过大，请分批发送",
        "The request is too large; send less at a time.",
    ),
    "hub.trouble": (
        "中心暂时无法处理，稍后自动重试",
        "The hub is in trouble; this desk tries again by itself.",
    ),
    "hub.unreachable": (
        "连接不到中心，本机可继续办理",
        "The hub cannot be reached; this desk goes on by itself.",
    ),
    "hub.unreadable": (
        "中心读不懂本机的一笔业务，它和之后的业务先存在本机；请管理员核对两边的程序版本",
        "The hub cannot read an operation of this desk; it and all after it wait here. Compare the two programs.",
    ),
    "hub.unsent": (
        "还有 {count} 笔业务未发送到中心，请先发送或导出",
        "{count} operations have not reached the hub yet; send or export them first.",
    ),
    "import.hash_differs": (
        "导入数据与校验值不符，文件可能已改动；未导入任何内容",
        "The rows differ from their hash, so the file may have been changed; nothing was imported.",
    ),
    "internal": (
        "程序内部出错，此请求未完成[；错误编号 {crash}]。可用同一 id 重试，仍不行请联系管理员",
        "The program failed at this request[; crash {crash}]. Repeat it with the same id, or tell an administrator.",
    ),
    "keys.missing": (
        "找不到服务台[ {desk} ]的签名密钥，请从备份恢复，或重新设置服务台",
        "The signing key of desk[ {desk}] is missing; restore it from a backup or set the desk up anew.",
    ),
    "keys.readable_by_others": (
        "密钥文件可被其他用户读取[：{file}]，请改为仅本人可读（chmod 600）",
        "Others can read the key file[: {file}]; make it yours alone (chmod 600).",
    ),
    "keys.unreadable": (
        "密钥文件已损坏[：{file}]，请从备份恢复",
        "The key file is damaged[: {file}]; restore it from a backup.",
    ),
    "lease.other_desk": (
        "这笔预留积分属于其他服务台[（{desk}）]",
        "These points are set aside for another desk[ ({desk})].",
    ),
    "lease.unknown": (
        "没有这笔预留积分，或余额不足",
        "No such points are set aside, or not that many.",
    ),
    "lockout.nobody_chosen": (
        "请选择要解除锁定的同事",
        "Choose whose lockout to lift.",
    ),
    "logo.bad_rows": (
        "单据标志的数据不完整，请重新选择图片",
        "The dots of this logo do not make a picture; choose the picture again.",
    ),
    "logo.blank": (
        "图片是空白的，请换一张",
        "This picture is blank; choose another one.",
    ),
    "logo.file_too_large": (
        "图片太大，请选择不超过[ {most_mb} MB ]的图片",
        "This picture is too large; choose one[ of at most {most_mb} MB].",
    ),
    "logo.too_small": (
        "图片太小，长宽都不能少于[ {least_px} ]像素",
        "This picture is too small; it needs at least[ {least_px}] pixels each way.",
    ),
    "logo.unreadable": (
        "无法读取图片，请选择 PNG 或 JPEG 文件",
        "This file cannot be read; choose a PNG or JPEG picture.",
    ),
    "lookup.quota": (
        "本台今天从中心查看的会员已满[ {quota} 位]，请到其他服务台办理，并告知主管",
        (
            "This desk has looked up[ {quota}] members at the hub today, which is all it may. Serve them at another "
            "desk, and tell a supervisor."
        ),
    ),
    "mall.unknown": (
        "此数据库中没有该商场，请核对数据库地址，或先完成初始设置",
        "This store does not hold that mall; check the store's address or set it up first.",
    ),
    "member.adult_not_confirmed": (
        "请确认会员已年满 18 周岁",
        "Confirm that the member is 18 or older.",
    ),
    "member.birthday_unlikely": (
        "生日不合理，请核对年份",
        "The birthday is not plausible; check the year.",
    ),
    "member.birthday_unreadable": (
        "生日无法识别[：{typed}]，请按 1990-05-20 填写",
        "The birthday cannot be read[: {typed}]; write it as 1990-05-20.",
    ),
    "member.closed": (
        "该会员已注销，不能办理业务",
        "This membership is closed; nothing can be done with it.",
    ),
    "member.consent_missing": (
        "请会员先同意会员服务条款",
        "The member has to agree to the membership terms first.",
    ),
    "member.exists": (
        "该会员编号已存在，请重新提交",
        "A member with this id exists already; submit again with a new one.",
    ),
    "member.frozen": (
        "该会员已冻结，请联系主管处理",
        "This membership is frozen; a supervisor can help.",
    ),
    "member.gender_unknown": (
        "性别只能填 f、m 或留空",
        "Gender is f, m or empty.",
    ),
    "member.of_other_mall": (
        "这位会员属于“{mall}”：{name}，可用积分 {usable}",
        "This is a member of {mall}: {name}, {usable} points.",
    ),
    "member.pending": (
        "该会员尚未激活，请先完成入会手续",
        "This membership is not active yet; finish the enrolment first.",
    ),
    "member.phone_in_use": (
        "此手机号已是会员，请直接为其办理业务",
        "This phone number belongs to a member already; serve that member instead.",
    ),
    "member.pin_locked": (
        "会员 PIN 错误次数过多，已锁定[，请 {seconds}后再试]",
        "Too many wrong PINs: the member's PIN is locked[ for {seconds}].",
    ),
    "member.pin_locked_until_lifted": (
        "会员 PIN 已停用，须由主管解除",
        "The member's PIN is disabled until a supervisor lifts it.",
    ),
    "member.pin_required": (
        "[超过 {above} 积分的]兑换须会员本人输入 PIN",
        "The member types their PIN for redemptions[ above {above} points].",
    ),
    "member.under_18": (
        "未满 18 周岁不能入会",
        "Members must be 18 or older.",
    ),
    "member.unknown": (
        "未找到该会员，请重新查找（F2）",
        "There is no such member; search again (F2).",
    ),
    "money.unreadable": (
        "金额无法识别[：{typed}]，请按 1234.50 填写",
        "The amount cannot be read[: {typed}]; write it as 1234.50.",
    ),
    "offline.clock": (
        "本机时钟存疑，联网核对之前只能积分，不能兑换",
        "This computer's clock is in doubt: until the hub has confirmed the time, only crediting goes on.",
    ),
    "offline.copy_too_old": (
        "断网时间过长，本机的余额不够新，暂不能兑换；积分、查询照常",
        "Cut off for too long to redeem by this desk's copy; crediting and looking up go on.",
    ),
    "offline.disk_low": (
        "磁盘空间不足 200 MB，不能办理新业务；已办的可发送或导出",
        "Less than 200 MB are free: nothing new can be done. What there is can be sent or exported.",
    ),
    "offline.kiosk_needs_member": (
        "断网时请会员输入密码或出示动态码",
        "While cut off, the member types their PIN or shows their code.",
    ),
    "offline.member_owes": (
        "会员有欠分，断网时不能兑换",
        "This member owes points and cannot redeem while the hub cannot be reached.",
    ),
    "offline.no_redemption": (
        "此服务台未获准断网兑换",
        "This desk is not licensed to redeem while cut off.",
    ),
    "offline.no_share": (
        "中心还没有给这位会员分配断网额度，请等网络恢复后再兑换",
        "The hub has shared out no points of this member for desks that are cut off; redeem when it can be reached.",
    ),
    "offline.not_possible": (
        "此项须由中心办理，请等网络恢复",
        "This needs the hub; wait until it can be reached.",
    ),
    "offline.not_settled": (
        "断网期间只能使用已确认的积分，现可用 {left:points} 分",
        "Only settled points can be spent while cut off: {left:points}.",
    ),
    "offline.not_spoken": (
        "程序启动后还没有连上过中心，连上一次之后才能断网兑换",
        "Since it was started, this program has not reached the hub; until it has once, nothing is redeemed.",
    ),
    "offline.not_taken": (
        "中心还读不懂本机的业务，在此之前只能积分",
        "The hub cannot read this desk's operations yet; until it can, only crediting goes on.",
    ),
    "offline.not_yet": (
        "刚刚断网，请等 {left} 秒后再兑换",
        "The hub was in contact a moment ago; wait {left} seconds before redeeming.",
    ),
    "offline.other_cards": (
        "断网时只能发本服务台的卡",
        "While cut off, only this desk's own card numbers can be given out.",
    ),
    "offline.over_desk": (
        "此服务台的断网兑换额度只剩 {left:points} 分",
        "This desk may redeem only {left:points} more points while cut off.",
    ),
    "offline.over_member": (
        "此会员的断网兑换额度只剩 {left:points} 分",
        "This member may redeem only {left:points} more points here while cut off.",
    ),
    "offline.over_operation": (
        "断网时每次最多兑换 {left:points} 分",
        "At most {left:points} points at a time while cut off.",
    ),
    "offline.reverse_sent": (
        "这笔业务中心已收到，撤销须等网络恢复",
        "The hub has this already; undoing it needs the hub.",
    ),
    "offline.unreadable": (
        "中心已升级，更新程序之前只能积分",
        "The hub is newer; until this program is updated, only crediting goes on.",
    ),
    "offline_rules.not_a_figure": (
        "请填写数字",
        "This is no figure.",
    ),
    "offline_rules.out_of_order": (
        "每笔的上限不能超过每位会员的上限，每位会员的上限不能超过每台的上限",
        "A redemption's limit is at most the member's, and the member's at most the desk's.",
    ),
    "offline_rules.out_of_range": (
        "[{field}：]应在 {lowest} 至 {highest} 之间",
        "[{field}: ]between {lowest} and {highest}.",
    ),
    "operation.unknown": (
        "未找到这笔操作，请核对编号",
        "There is no such operation; check its id.",
    ),
    "paper_code.foreign": (
        "这个二维码不是本商场签发的，不能使用；请核对凭条",
        "This code was not signed by this mall and does not count; look at the paper.",
    ),
    "paper_code.unknown": (
        "找不到这张凭条对应的记录，可能来自其他系统",
        "Nothing on record belongs to this paper; it may come from another system.",
    ),
    "paper_code.unreadable": (
        "无法识别这个二维码，请重新扫描",
        "This code cannot be read; scan it again.",
    ),
    "phone.not_mobile": (
        "请填写 11 位手机号；境外号码请加国家区号，如 +852",
        "Enter an 11-digit mobile number, or a foreign one with its country code, such as +852.",
    ),
    "phone.unreadable": (
        "手机号无法识别，请填写 11 位手机号",
        "The phone number cannot be read; enter 11 digits.",
    ),
    "pin.not_the_same": (
        "两次输入的 PIN 不一致，请重新输入",
        "The two PINs differ; type them again.",
    ),
    "pin.required": (
        "请输入您的 PIN",
        "Type your PIN.",
    ),
    "pin.same_as_before": (
        "新 PIN 与现在的相同，请换一个",
        "The new PIN is the same as the old one; choose another.",
    ),
    "pin.six_digits": (
        "PIN 应为 {digits:6|6|#} 位数字",
        "A PIN has {digits:6|6|#} digits.",
    ),
    "pin.too_simple": (
        "PIN 太简单，请勿使用重复或连续的数字",
        "This PIN is too simple: no repeated digits and no runs.",
    ),
    "pin.wrong": (
        "PIN 错误[，还可尝试 {left} 次]",
        "Wrong PIN[; {left} {left:try|tries} left].",
    ),
    "points.adjust_cap": (
        "超过每日调整上限[ {cap} 积分]，请减少数量或改日办理",
        "This is above the daily cap on adjustments[ of {cap} points]; adjust less or on another day.",
    ),
    "points.change_unreadable": (
        "请输入要增减的积分，如 200 或 -200",
        "Enter the points to add or take, such as 200 or -200.",
    ),
    "points.no_change": (
        "调整数不能为 0",
        "The adjustment cannot be zero.",
    ),
    "points.not_enough": (
        "积分不足[，还差 {missing} 积分][（可用 {usable}）]",
        "Not enough points[: {missing} {missing:point|points} short][ ({usable} usable)].",
    ),
    "points.not_expired_yet": (
        "这些积分尚未到期，只能清理今天之前到期的积分",
        "These points have not expired yet; only days before today can be expired.",
    ),
    "points.owed": (
        "该会员有欠扣积分，今后所得积分将先行抵扣",
        "The member owes points; points earned from now on repay them first.",
    ),
    "points.set_aside": (
        "其中一部分积分留给断网的服务台使用[（{desks}）]，要等它们连上中心",
        "Part of these points is set aside for desks that are cut off[: {desks}]; they have to reach the hub first.",
    ),
    "print.cannot_compose": (
        "凭条生成失败，请重打或联系管理员",
        "The slip could not be made; print it again or tell an administrator.",
    ),
    "print.confirmed_by_person": (
        "操作员已确认打出",
        "The operator confirmed that it came out.",
    ),
    "print.document_unknown": (
        "没有这种凭条[：{document}]",
        "There is no such kind of slip[: {document}].",
    ),
    "printer.busy": (
        "打印机正忙，请稍候再试",
        "The printer is busy; try again in a moment.",
    ),
    "printer.cancelled": (
        "打印已取消",
        "Printing was cancelled.",
    ),
    "printer.cover_open": (
        "打印机盖未关，合上后自动继续",
        "The printer's cover is open; printing goes on once it is closed.",
    ),
    "printer.cutter": (
        "打印机切刀卡住，请开盖取出卡纸，再到打印队列点“继续打印”",
        "The cutter is stuck. Open the cover, take the paper out, then choose “Go on printing” in the print queue.",
    ),
    "printer.error": (
        "打印机故障，请关机再开；仍不行请联系管理员",
        "The printer reports a fault; switch it off and on. If that fails, tell an administrator.",
    ),
    "printer.interrupted": (
        "打印时程序中断，请确认凭条是否已打出",
        "The program ended while printing; check whether the slip came out.",
    ),
    "printer.no_confirmation": (
        "打印机未确认打完，请确认凭条是否已打出",
        "The printer did not confirm the slip; check whether it came out.",
    ),
    "printer.no_proof": (
        "此打印机只能报告已收到，请确认凭条是否已打出",
        "This printer only says that it received the slip; check whether it came out.",
    ),
    "printer.none": (
        "未配置打印机，凭条在队列中等待",
        "No printer is set up; the slip is waiting.",
    ),
    "printer.offline": (
        "打印机脱机，请按联机键",
        "The printer is offline; press its feed or online button.",
    ),
    "printer.paper_end": (
        "打印机缺纸，装纸后自动继续",
        "The printer is out of paper; printing goes on once a roll is in.",
    ),
    "printer.paper_near_end": (
        "打印纸快用完，请备好新纸卷",
        "The paper is nearly used up; have a new roll ready.",
    ),
    "printer.passing_error": (
        "打印机过热或暂时故障，稍后自动恢复",
        "The printer is too hot or has a passing fault; it recovers by itself.",
    ),
    "printer.power_lost": (
        "打印中打印机断电，请确认凭条是否已打出",
        "The printer lost power while printing; check whether the slip came out.",
    ),
    "printer.profile_shipped": (
        "“{name}”是自带的打印机型号，不能修改，请另取名称",
        "The kind “{name}” comes with the program and stays as it is; give yours another name.",
    ),
    "printer.profile_unknown": (
        "没有名为“{name}”的打印机型号",
        "There is no kind of printer called “{name}”.",
    ),
    "printer.profile_wrong": (
        "{field}不正确，可用值：{allowed}",
        "This value is not possible: {field}. It can be: {allowed}.",
    ),
    "printer.silent": (
        "打印机没有应答，请检查电源、连接线和波特率",
        "The printer does not answer; check power, cable and baud rate.",
    ),
    "printer.stalled": (
        "打印机停止接收数据，请检查后确认凭条是否已打出",
        "The printer stopped taking data; look at it and check whether the slip came out.",
    ),
    "printer.write_only": (
        "此打印机不报告状态，请确认凭条是否已打出",
        "This printer reports nothing back; check whether the slip came out.",
    ),
    "program.bug": (
        "程序内部出错，已记录；输入的内容仍在，可重试",
        "The program failed; it is on record. What you typed is still here: try again.",
    ),
    "protocol.unreadable": (
        "无法理解对方发来的内容[（{field}）]，请检查两边的程序版本",
        "The other side's message cannot be read[ ({field})]; check the versions of both programs.",
    ),
    "redeem.empty": (
        "请先选择礼品",
        "Choose a gift first.",
    ),
    "redeem.too_many_lines": (
        "一次最多兑换[ {most} 种]礼品，请分次办理",
        "That is too many kinds of gifts for one redemption[ (at most {most})]; make it two.",
    ),
    "redemption.already_handed_out": (
        "该礼品已发放，不能重复领取",
        "This gift has been handed out already.",
    ),
    "redemption.not_this_member": (
        "这笔兑换属于其他会员，请核对",
        "This redemption belongs to another member.",
    ),
    "redemption.other_desk": (
        "这笔兑换的礼品留在其他服务台[（{desk}）]，请到该台办理",
        "The gifts of this redemption are kept at another desk[ ({desk})]; it has to be done there.",
    ),
    "redemption.reversed": (
        "这笔兑换已撤销",
        "This redemption has been reversed.",
    ),
    "redemption.unknown": (
        "未找到这笔兑换，请核对编号",
        "There is no such redemption; check its id.",
    ),
    "report.day_closed": (
        "这一天的日报已经结账",
        "The report of that day is closed already.",
    ),
    "report.day_to_come": (
        "这一天还没有到，请选择今天或更早的日期",
        "That day has not come yet; choose today or an earlier day.",
    ),
    "request.bad_value": (
        "[“{field}”的]值不正确[：{problem}]",
        "[{field}: ]the value is not right[: {problem}].",
    ),
    "request.empty": (
        "请求中没有任何操作",
        "The request holds no operation.",
    ),
    "request.id_missing": (
        "请求缺少 id，请为每个请求生成一个 UUID",
        "The request has no id; make a UUID for each.",
    ),
    "request.id_not_uuid": (
        "请求的 id 应为 UUID",
        "The request's id is not a UUID.",
    ),
    "request.id_reused": (
        "此 id 已用于另一个请求，请换新的 id",
        "This id was used for another request; take a new one.",
    ),
    "request.name_twice": (
        "请求中名称重复[：{name}]",
        "A name stands twice in the same object[: {name}].",
    ),
    "request.not_from_outside": (
        "此操作只能由系统执行[：{verb}]",
        "Only the program itself may ask for this[: {verb}].",
    ),
    "request.not_json": (
        "这一行不是有效的 JSON[（第 {column} 个字符处）]",
        "The line is not valid JSON[ (at character {column})].",
    ),
    "request.not_object": (
        "请求应为一个 JSON 对象",
        "A request is one JSON object.",
    ),
    "request.not_utf8": (
        "这一行不是 UTF-8 编码",
        "The line is not UTF-8.",
    ),
    "request.one_of": (
        "请求中 op、ops、query 须且只能有一个",
        "A request has exactly one of op, ops and query.",
    ),
    "request.same_id_twice": (
        "同一请求中的操作不能使用相同的 id",
        "Two operations of one request have the same id.",
    ),
    "request.too_deep": (
        "请求嵌套过深",
        "The request is nested too deeply.",
    ),
    "request.too_long": (
        "请求过长[，最多 {longest} 字节]",
        "The line is too long[; at most {longest} bytes].",
    ),
    "request.too_many": (
        "一次最多提交[ {most} 个]操作",
        "There are too many operations in one request[; at most {most}].",
    ),
    "request.two_pins": (
        "一次请求只能设置一个新 PIN，请分开提交",
        "One request sets one new PIN; send them separately.",
    ),
    "request.unknown_query": (
        "没有这种查询[：{query}]",
        "There is no such query[: {query}].",
    ),
    "request.unknown_verb": (
        "没有这种操作[：{verb}]",
        "There is no such operation[: {verb}].",
    ),
    "reveal.not_here": (
        "本台没有该会员的姓名和电话，未计入查看次数。恢复联机后再打开该会员即可查看",
        "This desk does not hold who this member is; nothing was counted. Open the member again when the hub is back.",
    ),
    "reveal.over": (
        "显示时间已过，如需再看请重新申请",
        "The time for looking is over; ask again if you need it.",
    ),
    "reveal.quota": (
        "今日查看次数已用完[（每日 {quota} 次）]，请联系主管",
        "The reveals for today are used up[ ({quota} a day)]; ask a supervisor.",
    ),
    "reverse.already": (
        "这笔操作已撤销过",
        "This operation has been reversed already.",
    ),
    "reverse.goods_not_back": (
        "礼品已发放，请先收回礼品并勾选“礼品已收回”",
        "The gift was handed out; take it back first and tick that it is here.",
    ),
    "reverse.no_reason": (
        "请选择撤销原因",
        "Choose the reason for this reversal.",
    ),
    "reverse.not_possible": (
        "[{verb}]操作不能撤销",
        "This cannot be reversed[: {verb}].",
    ),
    "reverse.other_member": (
        "这笔操作不属于该会员，请核对",
        "This operation was not about this member.",
    ),
    "sale.in_the_future": (
        "消费时间晚于现在，请核对日期和时间",
        "The time of the sale lies in the future; check date and time.",
    ),
    "sale.partly_returned": (
        "部分退货须由服务台人工处理",
        "A sale that was returned in part is put right at a counter.",
    ),
    "sale.refund_waits": (
        "退款先于销售收到，收到销售后自动冲回积分",
        "The refund came before its sale; what the sale earns is taken back when it comes.",
    ),
    "sale.slip_used": (
        "小票[ {slip_number} ]已积过分，不能重复使用",
        "Slip[ {slip_number}] has been credited already; a slip counts once.",
    ),
    "sale.time_unreadable": (
        "消费时间无法识别[：{typed}]，请按 2026-11-05 18:30 填写",
        "The time of the sale cannot be read[: {typed}]; write it as 2026-11-05 18:30.",
    ),
    "sale.time_without_zone": (
        "消费时间缺少时区，请写成 2026-11-05T18:30:00+08:00",
        "The time of the sale has no time zone; write it as 2026-11-05T18:30:00+08:00.",
    ),
    "sale.unknown": (
        "未找到原销售记录",
        "There is no such sale.",
    ),
    "search.four_digits": (
        "请至少输入 4 位数字",
        "Type at least four digits.",
    ),
    "search.two_letters": (
        "请至少输入 2 个字母",
        "Type at least two letters.",
    ),
    "self_test.backup_elsewhere": (
        "数据在服务器上，由服务器备份",
        "The data is on a server, which is backed up there.",
    ),
    "self_test.backup_fresh": (
        "最近一次备份正常[，在 {hours} 小时以内]",
        "The last backup is fresh[: within {hours} h].",
    ),
    "self_test.backup_old": (
        "超过两天没有备份[，上次在 {hours} 小时前]，请告知管理员",
        "There was no backup for two days[; the last is {hours} hours old]. Tell the administrator.",
    ),
    "self_test.card_read": (
        "读卡正常",
        "A card was read.",
    ),
    "self_test.clock_doubt": (
        "本机时钟可能不准，请核对日期和时间",
        "This computer's clock may be wrong; check date and time.",
    ),
    "self_test.clock_well": (
        "日期和时间正常",
        "Date and time are plausible.",
    ),
    "self_test.folder_not_writable": (
        "程序文件夹无法写入[（{why}）]，请告知管理员",
        "The program's folder cannot be written to[ ({why})]. Tell the administrator.",
    ),
    "self_test.no_backup": (
        "还没有备份，程序运行一段时间后会自动备份",
        "There is no backup yet; the program makes one by itself.",
    ),
    "self_test.not_swiped": (
        "已连接，但没有试刷",
        "Connected, but nothing was swiped.",
    ),
    "self_test.queue_empty": (
        "没有等待打印的小票",
        "No slip is waiting.",
    ),
    "self_test.slips_wait": (
        "打印队列里还有小票[ {slips} 张]，请查看",
        "Slips are left in the print queue[: {slips}]. Have a look.",
    ),
    "self_test.space_low": (
        "磁盘空间不足[，剩余 {free}]，请告知管理员",
        "There is little room on the disk[: {free} left]. Tell the administrator.",
    ),
    "self_test.space_well": (
        "磁盘空间充足[，剩余 {free}]",
        "There is room on the disk[: {free} left].",
    ),
    "self_test.store_well": (
        "数据完好，可以写入",
        "The data is whole and can be written to.",
    ),
    "session.already": (
        "已登录，请先退出",
        "Somebody is signed in already; sign out first.",
    ),
    "session.ended": (
        "登录已结束，请重新登录",
        "This session has ended; sign in again.",
    ),
    "session.none": (
        "请先登录",
        "Sign in first.",
    ),
    "session.unknown": (
        "登录会话无效，请在本台重新登录",
        "This session is not known at this desk; sign in again.",
    ),
    "setting.not_a_number": (
        "[“{name:setting}”]应为不超过 10 位的整数",
        "[{name:setting}: ]a whole number of at most ten digits is needed.",
    ),
    "setting.out_of_range": (
        "请输入 {lowest} 至 {highest} 之间的数",
        "Enter a figure from {lowest} to {highest}.",
    ),
    "setting.tiers_out_of_order": (
        "等级门槛必须依次升高：白银低于黄金，黄金低于铂金",
        "Tiers begin one after the other: silver below gold, gold below platinum.",
    ),
    "setting.unknown": (
        "没有这项设置[：{name:setting}]",
        "There is no such setting[: {name:setting}].",
    ),
    "settings.missing": (
        "此文件夹尚未设置服务台[：{file}]，请先运行 memberdesk init",
        "No desk was set up in this folder[: {file}]; run memberdesk init first.",
    ),
    "settings.not_kept": (
        "设置无法保存[（{why}）]，设备连接未更改；请检查磁盘空间后再试",
        "The settings cannot be kept[ ({why})]; nothing was changed. Check the disk and try again.",
    ),
    "settings.unreadable": (
        "设置文件有误[：{file}][（{field}）]，请更正后重试",
        "The settings file is not right[: {file}][ ({field})]; correct it and try again.",
    ),
    "setup.card_read": (
        "读卡正常[，卡号尾号 {tail}]",
        "The reader works[; the card ends in {tail}].",
    ),
    "setup.done_already": (
        "此文件夹已设置过服务台[：{file}]，请换一个文件夹",
        "A desk was set up in this folder already[: {file}]; choose another folder.",
    ),
    "setup.look_at_slip": (
        "已发送，请看凭条是否打出",
        "Sent; look whether the slip came out.",
    ),
    "setup.no_card": (
        "没有收到刷卡，请检查连接后再试",
        "No card was seen; check the connection and try again.",
    ),
    "setup.not_finished": (
        "初始设置未完成，未作任何更改；再次启动即可继续",
        "The set-up was not finished and nothing was changed; start the program again to go on.",
    ),
    "setup.paper_width": (
        "纸宽只能是 58 或 80 毫米",
        "The paper is 58 or 80 mm wide.",
    ),
    "setup.printed": (
        "打印正常",
        "The printer works.",
    ),
    "setup.reader_works_bank_card": (
        "读卡正常；刚才刷的是银行卡，卡号未保存",
        "The reader works. That was a bank card; nothing of it was kept.",
    ),
    "shop.none_found": (
        "没有找到店铺[「{typed}」]，可输入名称或拼音首字母",
        "No shop matches[ “{typed}”]; type its name or initials.",
    ),
    "shop.unknown": (
        "没有这个店铺[：{shop}]",
        "There is no such shop[: {shop}].",
    ),
    "simulate.unknown_fault": (
        "没有这种故障：{fault}[；可用：{known}]",
        "There is no such fault: {fault}[; known: {known}].",
    ),
    "simulate.unknown_kind": (
        "没有这种模拟设备[：{kind}][；可用：{known}]",
        "There is no such simulated device[: {kind}][; known: {known}].",
    ),
    "slip.no_document": (
        "没有指明单据：所有单据的内容不能“与所有单据一致”",
        "No document was named: all documents cannot be as all documents.",
    ),
    "staff.close_self": (
        "不能停用自己的账号，请另一位管理员办理",
        "Nobody closes their own account; ask another administrator.",
    ),
    "staff.closed": (
        "[{name}的]账号已停用，请联系管理员",
        "This account[ ({name})] is closed; ask an administrator.",
    ),
    "staff.exists": (
        "工号[ {staff} ]已存在，请换一个",
        "Staff number[ {staff}] exists already; choose another.",
    ),
    "staff.last_administrator": (
        "这是最后一位管理员，不能停用",
        "This is the last administrator; the account stays open.",
    ),
    "staff.no_right": (
        "[{role}]没有[“{right}”]权限，请有权限的同事办理",
        "The role of {role} does not include this[ ({right})]; ask somebody who may do it.",
    ),
    "staff.not_closed": (
        "工号[ {staff} ]没有停用",
        "The account[ of {staff}] is not closed.",
    ),
    "staff.number_digits": (
        "工号应为[ {shortest} 至 {longest} 位]数字",
        "A staff number consists of digits[, {shortest} to {longest} of them].",
    ),
    "staff.number_letters_digits": (
        "工号只能用字母和数字",
        "A staff number consists of letters and digits.",
    ),
    "staff.own_account": (
        "不能为自己的会员账户办理或批准，请同事办理",
        "Nobody serves or approves for their own membership; ask a colleague.",
    ),
    "staff.own_lockout": (
        "不能解除自己的锁定，请另一位主管办理",
        "Nobody lifts their own lockout; ask another supervisor.",
    ),
    "staff.pin_locked": (
        "PIN 错误次数过多，已锁定[，请 {seconds}后再试]；主管可解除",
        "Too many wrong PINs: locked[ for {seconds}]. A supervisor can lift it.",
    ),
    "staff.pin_locked_until_lifted": (
        "PIN 已停用，须由主管解除锁定",
        "This PIN is disabled until a supervisor lifts it.",
    ),
    "staff.role_not_given": (
        "[{role}]角色不能分配给员工",
        "This role is not given to people[: {role}].",
    ),
    "staff.unknown": (
        "没有这个工号[：{staff}]，请核对",
        "There is no such staff number[: {staff}]; check it.",
    ),
    "stock.no_gift": (
        "请先选择礼品",
        "Choose a gift first.",
    ),
    "stock.nothing_arrived": (
        "请先填写入库的礼品和数量",
        "Enter what arrived and how many.",
    ),
    "stock.pieces_unreadable": (
        "数量应为正整数",
        "The quantity is a whole number above zero.",
    ),
    "store.bad_url": (
        "数据库地址无法识别，应为 sqlite:///文件路径 或 postgresql://…",
        "The store's address is not understood; it is sqlite:///path or postgresql://…",
    ),
    "store.broken": (
        "数据文件已损坏或密钥不符[：{file}]；原文件已保留，请从备份恢复[：{backup}]",
        "The data file is damaged or the key is wrong[: {file}]. It is kept; restore from a backup[: {backup}].",
    ),
    "store.busy": (
        "数据库正忙，未做任何更改，请稍后重试",
        "The store is busy and nothing was changed; try again shortly.",
    ),
    "store.closed": (
        "本台数据已关闭",
        "This desk's store is closed.",
    ),
    "store.disk_error": (
        "磁盘读写出错[：{file}]，请检查磁盘并备份数据",
        "The disk failed to read or write[: {file}]; check the disk and back up.",
    ),
    "store.exists": (
        "数据文件已存在[：{file}]，未作改动；请换一个文件夹",
        "There is a data file already[: {file}]; it was left alone. Choose another folder.",
    ),
    "store.full": (
        "磁盘已满，未做任何更改[：{file}]；请清理空间后重试",
        "The disk is full and nothing was changed[: {file}]. Free some space and try again.",
    ),
    "store.has_hub": (
        "本商场已启用中心，此服务台不能再直接写入数据库，请重新接入中心",
        "This mall has a hub: this desk no longer writes to the database itself; enrol it with the hub.",
    ),
    "store.in_use": (
        "数据文件正被另一个程序使用[：{file}]，请先关闭它",
        "Another program has this store open[: {file}]; close it first.",
    ),
    "store.missing": (
        "未找到数据文件[：{file}]，请核对路径，或先完成初始设置",
        "There is no data file[: {file}]; check the path or set it up first.",
    ),
    "store.newer": (
        "数据库由更新版本的程序创建[（{version}，本程序最高 {known}）]，请升级程序",
        "A newer program has changed this store[ (version {version}; this program knows {known})]; update the program.",
    ),
    "store.no_key": (
        "找不到数据文件的密钥[：{file}]，请恢复密钥后再打开",
        "The key of the data file is missing[: {file}]; restore the key, then open it.",
    ),
    "store.no_rights": (
        "没有读写数据文件的权限[：{file}]，请管理员授权",
        "This user may not read or write the data file[: {file}]; an administrator grants access.",
    ),
    "store.sqlite_too_old": (
        "SQLite 版本有已知缺陷[（{version}）]，不能安全使用，请更新程序",
        "This SQLite has a known fault[ ({version})] and is not safe to use; update the program.",
    ),
    "store.switching": (
        "数据库正在切换到另一台服务器，没有办理；请稍后再试一次",
        "The database is being switched to another server; nothing was done. Try again in a moment.",
    ),
    "store.unreachable": (
        "连接不上数据库，请检查网络；恢复后重试即可",
        "The database cannot be reached; check the network and try again.",
    ),
    "task.own": (
        "不能核查自己办理或批准的业务，请另一位主管处理",
        "Nobody confirms what they did or approved themselves; another supervisor does.",
    ),
    "task.settled": (
        "这项待办已经处理过了",
        "This task has been settled already.",
    ),
    "text.missing": (
        "请填写{field}",
        "Fill in[: {field}].",
    ),
    "text.not_allowed": (
        "[{field}]含有不允许的字符[（{character}）]，请删除",
        "[{field}: ]a character that is not allowed[ ({character})]; remove it.",
    ),
    "text.too_long": (
        "[{field}]过长[，最多 {longest} 个字]",
        "[{field}: ]too long[; at most {longest} characters].",
    ),
    "text.too_short": (
        "[{field}]过短[，至少 {shortest} 个字]",
        "[{field}: ]too short[; at least {shortest} characters].",
    ),
    "transcript.differs": (
        "记录第 {step} 步第 {byte} 个字节不一致：应为 {expected}，收到 {got}",
        "Step {step} of the transcript differs at byte {byte}: {expected} was expected, {got} came.",
    ),
    "transcript.unreadable": (
        "第 {line} 行不是通信记录的格式",
        "Line {line} is not that of a transcript.",
    ),
    "verify.actor_closed": (
        "{desk} 第 {sequence} 号操作的经办人 {actor} 当时账号已停用",
        "Operation {sequence} of {desk} was done by {actor}, whose account was closed by then.",
    ),
    "verify.and_more": (
        "同类问题还有 {count} 处[（{kind}）]",
        "There are {count} more of the same kind[ ({kind})].",
    ),
    "verify.approval_by_pin": (
        "断网期间的批准未刷批准卡[（批准人 {approver}）]",
        "An approval without the hub was not proved by a card[ (approver {approver})].",
    ),
    "verify.approval_forged": (
        "批准签名不是批准人本人的[（批准人 {approver}）]",
        "The signature of an approval is not the approver's[ {approver}].",
    ),
    "verify.approved_by_oneself": (
        "操作 {where} 的批准人就是经办人",
        "Operation {where} was approved by the person who asked.",
    ),
    "verify.approver_no_right": (
        "{desk} 第 {sequence} 号操作的批准人 {approver} 无权批准",
        "Operation {sequence} of {desk} was approved by {approver}, who had no right to.",
    ),
    "verify.balance": (
        "账户 {where} 余额为 {stands}，按流水应为 {should}",
        "Account {where} says {stands}; its entries add up to {should}.",
    ),
    "verify.balance_of_lots": (
        "账户 {where} 余额为 {stands}，按积分批次应为 {should}",
        "Account {where} says {stands}; its lots add up to {should}.",
    ),
    "verify.books_unbalanced": (
        "全部账户合计为 {stands}，应为 0",
        "All accounts together come to {stands}, not 0.",
    ),
    "verify.card": (
        "卡 {card} 的号码不属于本商场的卡批次",
        "The number of card {card} is from no batch of this mall.",
    ),
    "verify.card_batches": (
        "卡批次重叠：{first} 与 {later}",
        "Batches of card numbers overlap: {first} and {later}.",
    ),
    "verify.card_key": (
        "缺少卡号密钥",
        "The key of the card numbers is missing.",
    ),
    "verify.chain_broken": (
        "{desk} 第 {sequence} 号操作与上一条不衔接",
        "Operation {sequence} of {desk} does not follow from the one before.",
    ),
    "verify.chain_gap": (
        "{desk} 的操作不连续：应为第 {expected} 号，实为第 {sequence} 号",
        "The chain of {desk} has a gap: {expected} was expected, {sequence} found.",
    ),
    "verify.chain_without_desk": (
        "有 {count} 条操作属于不存在的服务台 {desk}",
        "There are {count} operations of {desk}, which does not exist.",
    ),
    "verify.checkpoint": (
        "中心在结账时签署的变更流第 {place} 条与现存内容不符（结账操作 {operation}）",
        "Row {place} of the feed is not the one that the hub signed when it closed a day (operation {operation}).",
    ),
    "verify.clock_backwards": (
        "{desk} 第 {sequence} 号操作的时间早于上一条",
        "Operation {sequence} of {desk} is earlier than the one before.",
    ),
    "verify.column": (
        "{table} 表 {key} 行的 {column}[ 为 {stands}，按操作应为 {should}]与操作不符",
        "Column {column} of {key} in {table} is not what the operations make it[: {stands}, not {should}].",
    ),
    "verify.desk_head": (
        "{desk} 记录的最后操作是第 {stands} 号，链的末尾是第 {sequence} 号",
        "Desk {desk} says that operation {stands} was its last; its chain ends with {sequence}.",
    ),
    "verify.entry_unbalanced": (
        "操作 {where} 的流水合计为 {stands}，应为 0",
        "The entries of operation {where} come to {stands}, not 0.",
    ),
    "verify.entry_without_account": (
        "操作 {where} 的流水没有对应账户",
        "An entry of operation {where} has no account.",
    ),
    "verify.fails_again": (
        "{desk} 第 {sequence} 号操作无法重做[：{said}]",
        "Operation {sequence} of {desk} cannot be done again[: {said}].",
    ),
    "verify.feed_gap": (
        "数据流第 {place} 行之前有缺失（应为第 {expected} 行）",
        "The feed has a gap before row {place} (row {expected} was expected).",
    ),
    "verify.feed_hash": (
        "数据流第 {place} 行的内容被改动",
        "Row {place} of the feed was changed: its hash differs.",
    ),
    "verify.feed_head": (
        "数据流的末尾与记录不符[：记为第 {stands} 行][，实为第 {should} 行]",
        "The end of the feed is not where it should be[: {stands}][, not {should}].",
    ),
    "verify.feed_missing": (
        "{desk} 第 {sequence} 号操作不在数据流中",
        "Operation {sequence} of {desk} is missing from the feed.",
    ),
    "verify.feed_operation": (
        "数据流第 {place} 行与操作记录不符",
        "Row {place} of the feed is not about the operation that it names.",
    ),
    "verify.feed_result": (
        "数据流第 {place} 行所述结果与操作记录不符",
        "Row {place} of the feed tells another result than the operation has.",
    ),
    "verify.file": (
        "数据文件结构有误：{said}",
        "The data file is damaged: {said}",
    ),
    "verify.guard": (
        "数据库的防改保护 {name} 缺失或被改动",
        "The guard {name} of the store is missing or was changed.",
    ),
    "verify.hash": (
        "{desk} 第 {sequence} 号操作的内容被改动",
        "Operation {sequence} of {desk} was changed: its hash differs.",
    ),
    "verify.held": (
        "账户 {where} 冻结 {stands} 积分，按记录应为 {should}",
        "Account {where} holds {stands}; its holds add up to {should}.",
    ),
    "verify.import": (
        "{desk} 第 {sequence} 号导入的数据行被改动（{kind}，{rows} 行）",
        "Rows of import {sequence} of {desk} were changed ({kind}, {rows} rows).",
    ),
    "verify.imported_person": (
        "导入的会员 {member} 资料或 PIN 被改动",
        "The data or PIN of imported member {member} was changed.",
    ),
    "verify.lot": (
        "操作 {where} 的积分批次为 {stands}，已用与剩余合计 {should}",
        "The lot of operation {where} is {stands}; used and left come to {should}.",
    ),
    "verify.lot_without_entry": (
        "操作 {where} 的积分批次为 {stands}，流水为 {should}",
        "The lot of operation {where} is {stands}; its entry says {should}.",
    ),
    "verify.name_index": (
        "姓名索引与会员姓名不一致（索引 {stands} 人，应为 {should} 人）",
        "The index of names ({stands}) is not that of the members' names ({should}).",
    ),
    "verify.no_member_pin": (
        "{desk} 第 {sequence} 号操作缺少会员 PIN",
        "Operation {sequence} of {desk} lacks the member's PIN.",
    ),
    "verify.no_right": (
        "{desk} 第 {sequence} 号操作的经办人 {actor} 无此权限",
        "Operation {sequence} of {desk} was done by {actor}, who had no right to.",
    ),
    "verify.no_session": (
        "{desk} 第 {sequence} 号操作不在有效登录期间",
        "Operation {sequence} of {desk} was done outside a session.",
    ),
    "verify.not_approved": (
        "{desk} 第 {sequence} 号操作须批准而未批准",
        "Operation {sequence} of {desk} needed approval and has none.",
    ),
    "verify.not_in_order": (
        "{desk} 第 {sequence} 号操作不能按顺序重放",
        "Operation {sequence} of {desk} cannot be put back in order.",
    ),
    "verify.operation_column": (
        "{desk} 第 {sequence} 号操作的 {column} 栏与签名内容不符",
        "Column {column} of operation {sequence} of {desk} is not what was signed.",
    ),
    "verify.other_result": (
        "{desk} 第 {sequence} 号操作重做后结果不同",
        "Operation {sequence} of {desk}, done again, has another result.",
    ),
    "verify.own_membership": (
        "{desk} 第 {sequence} 号操作是为自己的会员账户办理",
        "Operation {sequence} of {desk} was done, or approved, for one's own membership.",
    ),
    "verify.page": (
        "数据文件有一页被改动或损坏：{said}",
        "A page of the data file was changed or is damaged: {said}",
    ),
    "verify.redemption": (
        "兑换 {where} 合计 {stands} 积分，各行相加为 {should}",
        "Redemption {where} says {stands} points; its lines add up to {should}.",
    ),
    "verify.redemption_entry": (
        "兑换 {where} 为 {stands} 积分，流水为 {should}",
        "Redemption {where} says {stands} points; its entry says {should}.",
    ),
    "verify.reference": (
        "{table} 表第 {row} 行引用的 {parent} 不存在",
        "Row {row} of {table} refers to a {parent} that does not exist.",
    ),
    "verify.refused_again": (
        "{desk} 第 {sequence} 号操作重做时被拒绝[：{said}]",
        "Operation {sequence} of {desk}, done again, is refused[: {said}].",
    ),
    "verify.reserved": (
        "{where} 预留 {stands} 件，待发放 {should} 件",
        "Stock {where}: {stands} reserved, {should} waiting to be handed out.",
    ),
    "verify.reversal": (
        "撤销 {where} 的积分为 {stands}，应为 {should}",
        "Reversal {where} moved {stands} points, not {should}.",
    ),
    "verify.reversal_of_nothing": (
        "撤销 {where} 没有对应的操作",
        "Reversal {where} has no operation, or none to reverse.",
    ),
    "verify.row_missing": (
        "{table} 表缺少 {key} 行",
        "Row {key} is missing from {table}.",
    ),
    "verify.row_unfounded": (
        "{table} 表的 {key} 行没有任何操作产生",
        "No operation made {key} in {table}.",
    ),
    "verify.row_without_operation": (
        "{stands} 表有一行属于不存在的操作 {where}",
        "A row of {stands} belongs to operation {where}, which does not exist.",
    ),
    "verify.sale_entry": (
        "操作 {where} 的小票为 {stands} 积分，流水为 {should}",
        "The sale of operation {where} says {stands} points; its entry says {should}.",
    ),
    "verify.same_person": (
        "{desk} 第 {sequence} 号操作由同一人经办和批准",
        "Operation {sequence} of {desk} was asked for and approved by one person.",
    ),
    "verify.sealed": (
        "{desk} 第 {sequence} 号操作的加密资料无法打开",
        "What operation {sequence} of {desk} keeps sealed cannot be opened.",
    ),
    "verify.signature": (
        "{desk} 第 {sequence} 号操作的签名无效",
        "The signature of operation {sequence} of {desk} is not this desk's.",
    ),
    "verify.stock": (
        "库存 {where} 为 {stands}，按进出记录应为 {should}",
        "Stock {where} says {stands}; its movements add up to {should}.",
    ),
    "verify.stock_missing": (
        "{where} 有进出记录（{should}）而无库存",
        "Stock {where} has movements ({should}) and no figure.",
    ),
    "verify.unknown_object": (
        "数据库中有不属于本程序的内容：{name}",
        "The store holds something that is not this program's: {name}.",
    ),
    "verify.unknown_rules": (
        "{desk} 第 {sequence} 号操作依据的规则版本 {policy} 不存在",
        "Operation {sequence} of {desk} names rules that never were: {policy}.",
    ),
    "verify.unknown_version": (
        "{desk} 第 {sequence} 号操作的版本 {version} 本程序不认识",
        "Operation {sequence} of {desk} has version {version}, unknown to this program.",
    ),
    "verify.unreadable": (
        "{desk} 第 {sequence} 号操作的内容无法读取",
        "Operation {sequence} of {desk} cannot be read.",
    ),
    "zone.unknown": (
        "没有[名为“{zone}”的]这个时区，请从列表中选择，例如 Asia/Shanghai",
        "There is no such time zone[: {zone}]. Choose one of the list, for example Asia/Shanghai.",
    ),
}


def sentence(code: str, facts: Mapping[str, Fact], language: str) -> str:
    """What `code` says in `language` ("zh_CN" or "en"). An unknown code or missing facts still make a sentence."""
    chinese = is_chinese(language)
    pair = SENTENCES.get(code)
    if pair is None:
        return f"操作未完成（{code}）" if chinese else f"This was not done ({code})."
    why = facts.get("why")
    if why is not None:
        reason = sentence(str(why), {**facts, "why": None}, language) if why in SENTENCES else str(why)
        facts = {**facts, "why": reason}
    text = filled(pair[0 if chinese else 1], facts, language)
    return text if chinese else _as_english(text)


def _as_english(text: str) -> str:
    """A sentence starts with a capital and ends with a stop, also where its first or last part was left out."""
    ended = text if text.endswith((".", "!", "?", "…")) else text + "."
    return ended[:1].upper() + ended[1:]
