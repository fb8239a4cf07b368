// The page's own words. What people and the bot say is never translated here.

const TEXTS = {
  zh: {
    title: "企业微信 · 沙盒",
    app: "客户助手",
    here: "机器人在线",
    away: "机器人未连接",
    clock: "沙盒时钟",
    hour: "+1小时",
    day: "+1天",
    week: "+7天",
    month: "+30天",
    moved: (when) => `时间已拨到 ${when}`,
    language: "English",
    languageLabel: "切换到英文",
    languageOnly: "只换了网页自己的文字。要机器人换语言，请发：说中文",
    lost: "连接已断开，正在重连…",
    people: "成员",
    paneOf: (name) => `${name} 的聊天窗口`,
    who: "切换成员",
    log: (name) => `${name} 与客户助手的消息`,
    message: (name) => `以 ${name} 的身份发消息`,
    placeholder: "发消息，回车发送",
    send: "发送",
    attach: "发送图片、文件等",
    addPane: "再开一个窗口",
    closePane: "关闭窗口",
    unread: (count) => `${count} 条未读`,
    fresh: "以下是新消息",
    recalled: "客户助手 撤回了一条消息",
    submit: "提交",
    choose: "请选择",
    menu: "更多操作",
    details: "查看详情",
    sending: "发送中…",
    failed: (error) => `未送达：${error}`,
    failedStatus: (status) => `机器人答复了 HTTP ${status}`,
    updated: "已更新",
    empty: "试试这样说：",
    emptyPlain: "还没有消息。",
    memory: "沙盒重启后聊天从头开始；机器人里的客户、申请和日志都还在。",
    outside: "不在应用可见范围内",
    opened: "此按钮会打开网页",
    image: "图片", file: "文件", voice: "语音", video: "视频", location: "位置", link: "链接",
    enter: "重新进入应用",
    rep: "销售", lead: "主管", approver: "审批人", admin: "管理员", auditor: "审计",
    appMenu: "应用菜单",
    imageMissing: "图片",
  },
  en: {
    title: "WeCom sandbox",
    app: "Customer assistant",
    here: "bot connected",
    away: "bot not connected",
    clock: "Sandbox clock",
    hour: "+1 hour",
    day: "+1 day",
    week: "+7 days",
    month: "+30 days",
    moved: (when) => `The time is now ${when}`,
    language: "中文",
    languageLabel: "Switch to Chinese",
    languageOnly: "Only the page's own words have changed. For the bot's, write: speak English",
    lost: "Connection lost, trying again…",
    people: "Members",
    paneOf: (name) => `Chat window of ${name}`,
    who: "Change member",
    log: (name) => `Messages between ${name} and the bot`,
    message: (name) => `Write as ${name}`,
    placeholder: "Write a message, Enter sends",
    send: "Send",
    attach: "Send a picture, a file and more",
    addPane: "Open another window",
    closePane: "Close this window",
    unread: (count) => `${count} unread`,
    fresh: "New messages",
    recalled: "The bot took back a message",
    submit: "Submit",
    choose: "Choose",
    menu: "More actions",
    details: "Details",
    sending: "Sending…",
    failed: (error) => `Not delivered: ${error}`,
    failedStatus: (status) => `the bot answered HTTP ${status}`,
    updated: "updated",
    empty: "Try saying:",
    emptyPlain: "No messages yet.",
    memory: "Chats start empty whenever this sandbox starts; the bot keeps its customers, requests and log.",
    outside: "outside the app's visible range",
    opened: "This button opens a web page",
    image: "Picture", file: "File", voice: "Voice", video: "Video", location: "Place", link: "Link",
    enter: "Enter the app again",
    rep: "sales", lead: "lead", approver: "approver", admin: "admin", auditor: "auditor",
    appMenu: "App menu",
    imageMissing: "Picture",
  },
};

let language = "zh";

export function setLanguage(name) {
  language = name === "en" ? "en" : "zh";
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
}

export function currentLanguage() {
  return language;
}

export function t(name, ...values) {
  const text = TEXTS[language][name];
  return typeof text === "function" ? text(...values) : text ?? name;
}

const ZONE = "Asia/Shanghai";

export function longTime(seconds) {
  const format = (locale, options) => new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options }).format(seconds * 1000);
  const weekday = format(language === "en" ? "en-GB" : "zh-CN", { weekday: "short" });
  return `${format("sv-SE", {})} ${weekday} ${format("sv-SE", { hour: "2-digit", minute: "2-digit" })}`;
}

export function shortTime(seconds, now) {
  const day = (value) => new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(value * 1000);
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
  const time = clock.format(seconds * 1000);
  return day(seconds) === day(now) ? time : `${day(seconds)} ${time}`;
}
