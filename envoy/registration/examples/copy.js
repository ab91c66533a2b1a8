// A button beside each body copies it without the notes.
for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector(".body").cloneNode(true);
    for (const note of text.querySelectorAll(".note")) note.remove();
    const plain = text.textContent.replace(/ +$/gm, "") + "\n";
    let copied = true;
    try {
      await navigator.clipboard.writeText(plain);
    } catch {
      // A page without TLS, or one that is opened as a file, may not use the clipboard in this way.
      const area = document.createElement("textarea");
      area.value = plain;
      document.body.append(area);
      area.select();
      copied = document.execCommand("copy");
      area.remove();
    }
    button.textContent = copied ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
