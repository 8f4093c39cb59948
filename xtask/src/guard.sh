# Ends what a step started when xtask itself is gone, however it went (Ctrl-C, kill, power of a CI job).
# $1: process id of the step; $2: a text that is in the environment or command line of everything the step starts;
# $3: "always" to end the rest also after a step that ended by itself; $4: a private directory to remove, or nothing.
# Waits on its input, which xtask holds open: "done" means that the step ended by itself.
step=$1 mark=$2 always=$3 directory=$4
trap '' INT TERM HUP
read -r word
if [ "$word" = done ] && [ "$always" != always ]; then exit 0; fi

left() {
    grep -alsF -- "$mark" /proc/[0-9]*/environ /proc/[0-9]*/cmdline | cut -d/ -f3 | sort -u | grep -vx "$$"
}
signal() {
    for pid in $(left); do kill -s "$1" "$pid" 2>/dev/null; done
}
if [ "$word" != done ]; then kill -s TERM "$step" 2>/dev/null; fi
signal TERM
tries=0
while [ -n "$(left)" ] && [ "$tries" -lt 25 ]; do
    sleep 0.2
    tries=$((tries + 1))
done
signal KILL
if [ -n "$directory" ]; then rm -rf -- "$directory"; fi
exit 0
