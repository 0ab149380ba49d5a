// The button of the mode for a class. A browser fills the screen only when the visitor presses something, so a link that
// leads to this mode opens it in the window.

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector(".lab-present");
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
