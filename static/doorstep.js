/* Copy buttons on the customer's page. Nothing needs them: without script they are not there. */
document.documentElement.classList.add("js");
document.addEventListener("click", async e => {
  const button = e.target.closest?.("[data-copy]");
  if (!button) return;
  const words = button.textContent;
  try { await navigator.clipboard.writeText(button.dataset.copy.replace(/\s/g, "")); } catch { return; }
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = words; }, 2000);
});
