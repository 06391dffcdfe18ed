package browse

import (
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// maxPrompt bounds a line that is typed or pasted, in bytes.
const maxPrompt = 4096

// A prompt is a line that is typed at the bottom.
type prompt struct {
	label string
	text  string
	about string // what can be written, shown while the line is empty; it identifies the question
	last  string // what was entered for the same question before
	enter func(text string) tea.Cmd
}

// askFor opens a prompt.
func (m *Model) askFor(p *prompt) {
	p.last = m.entered[p.about]
	m.prompt = p
}

// key edits the line. done is set if the prompt is to be closed.
func (p *prompt) key(k tea.KeyPressMsg) (cmd tea.Cmd, done bool) {
	switch k.String() {
	case "esc", "ctrl+c":
		return nil, true
	case "enter":
		return p.enter(p.text), true
	case "backspace":
		if p.text == "" {
			return nil, true
		}
		p.text = withoutLast(p.text)
	case "ctrl+u":
		p.text = ""
	case "up", "ctrl+p":
		p.text = p.last
	default:
		p.add(k.Text)
	}
	return nil, false
}

// add adds text without control characters.
func (p *prompt) add(text string) { p.text = typed(p.text, text) }

// typed is a line with text after it, as far as it fits and is printable.
func typed(line, text string) string {
	for _, r := range text {
		if unicode.IsPrint(r) && len(line)+utf8.RuneLen(r) <= maxPrompt {
			line += string(r)
		}
	}
	return line
}

func withoutLast(text string) string {
	_, n := utf8.DecodeLastRuneInString(text)
	return text[:len(text)-n]
}

// view is the line in w columns. It shows the end of a long text.
func (p *prompt) view(pen pen, w int) string {
	text := clean(p.text)
	for room := w - ansi.StringWidth(p.label) - 2; text != "" && ansi.StringWidth(text) > room; {
		_, n := utf8.DecodeRuneInString(text)
		text = text[n:]
	}
	line := pen.paint(strong, p.label) + " " + text + "▏"
	if p.text == "" {
		line += " " + pen.paint(dim, p.about)
	}
	return cut(line, w)
}

func (m *Model) paste(text string) tea.Cmd {
	switch {
	case m.prompt != nil:
		m.prompt.add(text)
	case m.stream == nil:
		return m.list.typed(m, typed(m.list.text, text))
	}
	return nil
}
