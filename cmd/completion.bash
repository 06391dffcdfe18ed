# What the package bash-completion does for the script below, where it is missing:
# sets cur, prev, words and cword, with words that bash broke at one of the
# characters behind -n joined again.
if ! declare -F _get_comp_words_by_ref >/dev/null 2>&1; then
_get_comp_words_by_ref()
{
    local chars= rest=$COMP_LINE before w i n=-1
    [[ $1 != -n ]] || chars=$2
    words=()
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        w=${COMP_WORDS[i]}
        if [[ -n $w ]]; then
            before=${rest%%"$w"*}
            rest=${rest#*"$w"}
        else
            before=${rest:0:1}
        fi
        if ((n >= 0)) && [[ $before != *[[:space:]]* ]] &&
            [[ $chars == *"${w:0:1}"* || $chars == *"${words[n]: -1}"* ]]; then
            words[n]+=$w
        else
            words[++n]=$w
        fi
        ((i != COMP_CWORD)) || cword=$n
    done
    cur=${words[cword]} prev=
    ((cword == 0)) || prev=${words[cword-1]}
}
fi

# Bash replaces what stands behind the last : or =, or from the last @ on, where
# these break words: so only that is left of what is offered.
__asof_keep_last_part()
{
    local breaks=${COMP_WORDBREAKS//[!:=@]/} behind before i
    [[ -n $breaks && $cur == *["$breaks"]* ]] || return 0
    behind=${cur##*["$breaks"]}
    before=${cur%"$behind"}
    [[ $before != *@ ]] || before=${before%@}
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]=${COMPREPLY[i]#"$before"}
    done
}

