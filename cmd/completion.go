package cmd

import (
	"bytes"
	_ "embed"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"asof/replay/fault"
)

// shells are the shells with a completion script.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script for completion by a shell",
		Long: `Print a script that lets a shell complete verbs, flags, stores of asof.toml,
streams, points, paths of the state and flag values such as those of --type.
After an @ come the newest versions with what happened; a digit narrows them.
Completions come from the store on the command line. Only part of it is read,
for a second at most, and no command of a project is run.

Run this in your shell, or add it to the shell's startup file:

  bash         source <(asof completion bash)
  zsh          source <(asof completion zsh)
  fish         asof completion fish | source
  powershell   asof completion powershell | Out-String | Invoke-Expression` +
			exitList("0    answered", "2    usage, such as an unsupported shell"),
		Example:   "  asof completion bash > ~/.asof-completion.bash",
		ValidArgs: shells,
		Args: func(c *cobra.Command, given []string) error {
			if len(given) != 1 {
				return args(1, 1, "the name of a shell")(c, given)
			}
			if slices.Contains(shells, given[0]) {
				return nil
			}
			next := "there is one for " + strings.Join(shells, ", ")
			return usageNear(fault.Near(given[0], shells, 1), next, "no completion script for %q", given[0])
		},
		RunE: func(c *cobra.Command, args []string) error {
			if a.json {
				return notJSON("a script for a shell", "leave out --json")
			}
			switch root := c.Root(); args[0] {
			case "bash":
				return bashCompletion(root, a.Out)
			case "zsh":
				return zshCompletion(root, a.Out)
			case "fish":
				return root.GenFishCompletion(a.Out, true)
			default:
				return root.GenPowerShellCompletionWithDesc(a.Out)
			}
		},
	}
}

// zshCompletion prints the script for zsh. It closes an open quote before the line is read.
func zshCompletion(root *cobra.Command, w io.Writer) error {
	var b bytes.Buffer
	if err := root.GenZshCompletion(&b); err != nil {
		return err
	}
	const run = "    out=$(eval ${requestComp} 2>/dev/null)\n"
	_, err := io.WriteString(w, strings.Replace(b.String(), run, `    local quote=${compstate[quote]}
    [[ -z $quote || ( ${#lastParam} -gt 1 && $lastParam == *"$quote" ) ]] || requestComp+=$quote
    out=$(eval "${requestComp}" 2>/dev/null)
`, 1))
	return err
}

// bashShim replaces the bash-completion package where it is not installed.
//
//go:embed completion.bash
var bashShim string

// bashCompletion prints the script for bash. Bash breaks words at : and =, which the
// generated script handles, and at @, which it doesn't and which asof's points contain.
// It also leaves an open quote alone, and inserts the common start of several words
// without quoting it: see __asof_offer.
func bashCompletion(root *cobra.Command, w io.Writer) error {
	var b bytes.Buffer
	if err := root.GenBashCompletionV2(&b, true); err != nil {
		return err
	}
	script := strings.NewReplacer(
		"_init_completion -n =:", "_init_completion -n =:@",
		"    args=(\"${words[@]:1}\")\n", "    __asof_close_quote\n    args=(\"${words[@]:1}\")\n",
		"        __asof_handle_completion_types\n", "        __asof_offer\n",
		"    __asof_handle_special_char \"$cur\" :\n", "",
		"    __asof_handle_special_char \"$cur\" =\n", "",
	).Replace(b.String())
	_, err := io.WriteString(w, bashShim+script)
	return err
}
