// The button of the mode for a class. A browser fills the screen only when the visitor presses something, so a link that
// leads to this mode opens it in the window.

const NARROW = 768; // pixels; in a narrower window, Streamlit's sidebar lies over the page

// The sidebar stays open when a visitor goes to another page. On a phone it would cover that page, so it is closed.
function closeSidebar() {
  const open = innerWidth < NARROW && document.querySelector('.stSidebar[data-collapsed="false"]');
  if (open) open.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector(".lab-present");
  if (!button.textContent) closeSidebar(); // the page has just been opened
  button.textContent = data.on ? "Leave the presentation" : "Present";
  button.onclick = () => {
    const filled = data.on ? document.exitFullscreen?.() : document.documentElement.requestFullscreen?.();
    filled?.catch(() => {}); // the window is as large as the browser allows
    setTriggerValue("turned", data.on ? "off" : "on");
  };
  // The Escape key leaves the full screen, and the mode with it.
  const left = () => data.on && !document.fullscreenElement && setTriggerValue("turned", "off");
  document.addEventListener("fullscreenchange", left);
  return () => document.removeEventListener("fullscreenchange", left);
}
