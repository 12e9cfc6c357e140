// Uses the page as a person would, and writes what it found into an element of its own. Runs behind the
// page's own script, in one scope with it; the word behind the # says in which colours it is shown.
"use strict";
const wrong = [];
let asked_for = 0;
const check = (what, holds) => { asked_for += 1; if (!holds) wrong.push(what); };
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const choose = (id, change) => { change(byId(id)); byId("filter").dispatchEvent(new Event("input")); };
const shown = () => all("#matrix .row");

window.addEventListener("error", event => wrong.push(`an error: ${event.message}`));

const colours = location.hash.slice(1), dark = colours === "dark";
const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
check("the colours asked for", (red + green + blue < 384) === dark);
check("nothing is wider than the window", document.documentElement.scrollWidth <= innerWidth);

const total = shown().length;
check("a row for each file", total === rows.length && total > 0);
const headings = all("#matrix .area").map(one => one.textContent);
check("a heading for each area, once", new Set(headings).size === headings.length);

choose("area", one => { one.value = "udp/recv"; });
check("an area alone", shown().length > 0 && shown().length < total &&
  all("#matrix .claim small").every(one => one.textContent.startsWith("udp/recv/")));
choose("words", one => { one.value = "EMSGSIZE truncation"; });
check("words within an area", shown().length === 1);
choose("area", one => { one.value = ""; });
choose("words", one => { one.value = ""; });
check("all again", shown().length === total);

choose("different", one => { one.checked = true; });
const different = shown().length;
check("what differs alone", different > 0 && different < total);
data.columns.forEach((_, at) => choose(`on-${at}`, one => { one.checked = at === 0; }));
check("one platform does not differ", shown().length === 0);
check("its column alone", all("#matrix .name").length === 0);
data.columns.forEach((_, at) => choose(`on-${at}`, one => { one.checked = true; }));
choose("different", one => { one.checked = false; });

const cut = rows.find(row => row[0].id === "udp/recv/truncation");
const cell = shown()[rows.indexOf(cut)];
const wine = data.columns.findIndex(({ name }) => name === "wine");
all("td:not(.claim) button", cell)[wine].click();
const detail = byId("detail");
check("a cell opens what happened", detail.open && detail.textContent.includes(cut[0].title));
check("both transcripts", detail.textContent.includes("WSAEMSGSIZE (10040)") && detail.textContent.includes("truncated"));
check("the difference is marked", all("td.differs", detail).length > 0);
check("the sources", detail.textContent.includes("udp(7)") && all("a[href*='rust/issues/55794']", detail).length === 1);
check("an address of its own", decodeURIComponent(location.hash) === "#udp/recv/truncation");
check("the detail fits", detail.scrollWidth <= innerWidth);
all("button.close", detail)[0].click();
check("it closes", !detail.open);

const several = rows.find(row => row.length > 1);
tell(several, 1);
check("the cells of a matrix", all("nav button", detail).length === several.length &&
  all("nav [aria-current=true]", detail)[0] === all("nav button", detail)[1]);
detail.close();
check("nothing is loaded", performance.getEntriesByType("resource").length === 0);

const found = wrong.length ? `wrong: ${wrong.join("; ")}` : `all is well: ${asked_for} checks`;
document.body.append(make("output", { id: "found" }, found));
