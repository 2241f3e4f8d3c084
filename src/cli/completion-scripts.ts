/**
 * What the shells load. Each asks `ctr __complete -- WORDS` and turns the answer into its own form; what there is to know stays
 * in `completion.ts`. They call the program that stands on the command line, so that `./bin/ctr` completes as itself, and the one
 * in PATH where that word is no program (an alias).
 */
import type { Shell } from './completion-table.js';

/** bash(1), "Programmable Completion": readline takes `=` and `:` for words of their own, and replaces the last one alone. */
const BASH = `# bash completion for ctr: source <(ctr completion bash)
_ctr() {
  local program=\${COMP_WORDS[0]/#'~/'/$HOME/} words=() line piece head='' joined='' i
  type -P -- "$program" >/dev/null || program=ctr
  for ((i = 1; i <= COMP_CWORD; i++)); do
    piece=\${COMP_WORDS[i]}
    # Up to the cursor.
    [[ $i == "$COMP_CWORD" && $piece != [=:]* ]] && piece=$2
    if [[ $i != 1 && $piece && ($joined || $piece == [=:]*) ]]; then
      head=\${words[-1]}
      words[-1]+=$piece
    else
      head=''
      words+=("$piece")
    fi
    joined=''
    [[ $piece == *[=:] ]] && joined=1 head=\${words[-1]}
  done
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
    else
      line=\${line%%$'\\t'*}
      COMPREPLY+=("\${line#"$head"}")
    fi
  done < <(command "$program" __complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _ctr ctr
`;

/** zshcompsys(1). As a file \`_ctr\` of $fpath it is the body of the function at its first call. */
const ZSH = `#compdef ctr
# zsh completion for ctr: source <(ctr completion zsh), behind compinit; or a file _ctr in a directory of $fpath
_ctr() {
  local program=\${words[1]/#\\~\\//$HOME/} line word
  local -a found
  whence -p -- "$program" >/dev/null || program=ctr
  for line in "\${(@f)$(command "$program" __complete -- "\${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      _files
      return
    fi
    word=\${line%%$'\\t'*}
    [[ -n $word ]] && found+=("\${word//:/\\\\:}\${line#"$word"}")
  done
  found=("\${(@)found/$'\\t'/:}")
  _describe ctr found
}
if [[ \${funcstack[1]} == _ctr ]]; then
  _ctr "$@"
else
  compdef _ctr ctr
fi
`;

/** fish's complete(1): a candidate a line, its description behind a tab, as \`ctr\` gives them. */
const FISH = `# fish completion for ctr: ctr completion fish | source
function __ctr_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    command -q -- $program; or set program ctr
    set -e words[1]
    for line in (command $program __complete -- $words "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            printf '%s\\n' $line
        end
    end
end
complete -c ctr -f -a '(__ctr_complete)'
`;

/** The script of each shell. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
