//! Names of programs: those that an attacker calls first, those that are words of sentences, and those of developers.

use std::collections::HashSet;
use std::sync::LazyLock;

/// A list of words.
type Words = HashSet<&'static str>;

fn words(list: &'static str) -> Words {
    list.split_whitespace().collect()
}

/// Programs that an attacker calls first.
pub(super) static PROGRAMS: LazyLock<Words> = LazyLock::new(|| {
    words(
        "cat ls id whoami uname curl wget nc ncat netcat bash sh zsh ksh dash python python3 perl ruby php node ping \
     sleep rm mv cp echo printf touch chmod chown kill ps env printenv pwd ifconfig ip netstat ss nslookup dig host \
     telnet ftp tftp ssh scp rsync dir type net ipconfig systeminfo tasklist powershell pwsh cmd cmd.exe certutil reg \
     wmic head tail more less tac grep awk sed find xargs eval exec system sudo su useradd usermod passwd crontab at \
     nohup base64 xxd tar zip dd mkfs mount lsof arp route traceroute w who last hostname date df du apt yum gcc make \
     vi vim nano open osascript start timeout getent docker kubectl aws mail nid set export source which man chgrp \
     groups history jobs tee sort wc cut nmap socat busybox lua mshta rundll32 psql mysql sqlite3 git svn shutdown \
     reboot init service systemctl launchctl finger rpm dpkg pip npm import read test ver copy del erase md ren \
     attrib format net1 sc schtasks bitsadmin cscript wscript nbtstat query quser tree where",
    )
});

/// Programs that are also words of ordinary sentences.
pub(super) static ENGLISH: LazyLock<Words> = LazyLock::new(|| {
    words(
        "type date more less head tail find sort test read open set make start at last w who host mail man net tree where \
     copy import export source service format history groups cut which route id dir ver cat echo sleep kill touch \
     ping mount query init jobs finger attrib tee env system eval exec node ruby go sh ip ss reg sc md ren ps ls su \
     dig",
    )
});

/// Programs that developers and administrators call, beside the first list: a text that begins with one is a command.
static TOOLS: LazyLock<Words> = LazyLock::new(|| {
    words(
        "cargo rustc rustup go npx yarn pnpm bun deno tsc eslint prettier jest vitest mvn gradle gradlew javac java \
     kotlinc dotnet nuget pip3 pipx poetry uv uvx conda pytest ruff black mypy flake8 isort tox bundle rake gem rails \
     composer artisan mix stack cabal swift xcodebuild flutter dart cmake ninja meson bazel clang g++ gdb lldb \
     valgrind strace ltrace perf helm terraform tofu ansible ansible-playbook vagrant packer pulumi gcloud az doctl \
     heroku flyctl vercel netlify wrangler gh glab hub hg jq yq rg fd ag ack bat fzf tmux screen cd mkdir rmdir ln \
     stat file basename dirname realpath readlink diff patch uniq tr rev split join paste comm seq yes nl od hexdump \
     strings md5sum sha1sum sha256sum shasum cksum gzip gunzip bzip2 xz unzip 7z zcat rename truncate shred mktemp \
     watch pgrep pkill killall pstree top htop free vmstat iostat uptime ulimit umask chsh userdel groupadd adduser \
     visudo systemd-analyze journalctl dmesg sysctl modprobe insmod lsmod lspci lsusb lsblk blkid fdisk parted umount \
     fsck iptables nft ufw firewall-cmd tcpdump openssl gpg ssh-keygen ssh-add ssh-copy-id sftp brew snap flatpak \
     pacman apk dnf zypper apt-get choco winget scoop redis-cli mongosh mongo pg_dump pg_restore mysqldump createdb \
     dropdb ffmpeg convert magick pandoc latex pdflatex bc expr true false let local declare readonly unset alias \
     unalias shopt trap wait bg fg disown pushd popd dirs cal nproc arch locale tput stty tty logger column fold fmt \
     expand pr look for while until if case [ [[ { ( function time nice ionice env nohup command builtin setenforce \
     setcap getcap nsenter unshare chroot mkfifo mknod wipefs blkdiscard security launchctl defaults diskutil spctl \
     csrutil regsvr32 vssadmin netsh procdump mimikatz bcdedit takeown icacls robocopy xcopy findstr taskkill rd cls \
     xmrig sh logrotate at batch pwdx fuser locate updatedb apropos whatis whereis info csplit shuf numfmt factor tac \
     chattr lsattr getfacl setfacl rsync rclone s3cmd gsutil sam cdk serverless podman buildah skopeo nerdctl \
     minikube kind k3s istioctl argocd flux oc ng vue nx turbo lerna webpack vite rollup esbuild playwright cypress \
     curlie http https aria2c youtube-dl yt-dlp bitsadmin mv ls dos2unix iconv enca ghostscript gs",
    )
});

/// Names that no host, number or id has, and every probe begins with.
static TELLING: LazyLock<Words> = LazyLock::new(|| {
    words(
        "whoami ifconfig ipconfig uname netstat tasklist systeminfo nslookup traceroute tracert printenv pwd lsof nbtstat \
     quser getent wget curl nmap chmod chown chgrp xargs crontab useradd usermod userdel passwd sudo mkfs rmdir mkdir \
     lsmod insmod rmmod modprobe dmesg ipcs iptables hostnamectl journalctl systemctl launchctl osascript powershell \
     pwsh certutil bitsadmin wmic regsvr32 rundll32 mshta schtasks taskkill vssadmin netsh icacls cacls attrib xcopy \
     robocopy diskpart fsutil bcdedit driverquery gpresult gpupdate msiexec runas regedit rpcinfo showmount ypcat \
     ypbind chroot nohup renice killall pkill pgrep lsblk blkid fdisk tcpdump arping ncat netcat busybox fsck swapoff \
     swapon mknod mkfifo dmidecode lspci lsusb lscpu setfacl getfacl ulimit umount visudo vipw groupadd groupmod chsh \
     chfn gunzip bunzip2 zcat hexdump md5sum sha1sum sha256sum readlink realpath mktemp dpkg fuser vmstat iostat \
     uptime pstree lastlog faillog logname nproc tput stty setenforce sestatus auditctl ausearch",
    )
});

/// Verbs of PowerShell's commands, whose names are a verb, a hyphen and a noun.
static VERBS: LazyLock<Words> = LazyLock::new(|| {
    words(
        "get set new remove invoke start stop add clear copy move write read out select where foreach measure compare \
     convertto convertfrom export import restart suspend resume test rename sort group format tee push pop join split \
     resolve enter exit register unregister enable disable",
    )
});
static NOUNS: LazyLock<Words> = LazyLock::new(|| {
    words(
        "process service item childitem content location command expression object host variable alias job event eventlog \
     wmiobject ciminstance itemproperty help history date culture acl path string table list webrequest restmethod \
     computer member module pssession psdrive psbreakpoint credential executionpolicy random unique hotfix output \
     error warning verbose debug csv clixml securestring tracesource null file printer gridview localuser localgroup \
     netadapter netipaddress mppreference counter transaction",
    )
});

/// Whether a word is the name of a program, of whatever kind.
pub(super) fn is_known(program: &str) -> bool {
    !program.is_empty()
        && (PROGRAMS.contains(&program) || TOOLS.contains(&program) || TELLING.contains(&program) || is_cmdlet(program))
}

fn is_cmdlet(word: &str) -> bool {
    word.split_once('-').is_some_and(|(verb, noun)| VERBS.contains(&verb) && NOUNS.contains(&noun))
}

/// Whether a text is the name of a program and nothing else, one that nothing but a program is called.
pub(super) fn is_only_a_program(text: &str) -> bool {
    let trimmed = text.trim();
    trimmed.len() <= 24 && !trimmed.contains(' ') && {
        let lower = trimmed.to_ascii_lowercase();
        let name = lower.strip_suffix(".exe").unwrap_or(&lower);
        TELLING.contains(&name) || is_cmdlet(name)
    }
}

/// A word in small letters with an option behind it: a program that is not on the lists.
fn is_word_with_option(first: &str, rest: &str) -> bool {
    let is_word = first.len() > 1
        && first.starts_with(|c: char| c.is_ascii_lowercase())
        && first.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    let mut words = rest.split_whitespace().take_while(|word| !word.starts_with([';', '|', '&']));
    is_word && words.next().is_some_and(|word| matches!(word.as_bytes(), [b'-', b'a'..=b'z' | b'A'..=b'Z' | b'-', ..]))
}

/// Whether a text is a command line from its first word on, or a script.
pub(super) fn begins_as_command(text: &str) -> bool {
    let trimmed = text.trim_start();
    if trimmed.starts_with("#!") {
        return true;
    }
    let first = trimmed.split([' ', '\t', '\n', ';', '|', '&', '<', '>']).next().unwrap_or_default();
    if first.starts_with("./") || first.starts_with("$(") || first.starts_with('-') {
        return first.starts_with("./");
    }
    // `A=1 program`, and the program behind.
    let assigned = first
        .split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    if assigned && first.contains(['`', '(']) {
        return true;
    }
    if assigned {
        let rest = trimmed.get(first.len()..).unwrap_or_default().trim_start();
        return rest.len() < trimmed.len()
            && !rest.is_empty()
            && !rest.starts_with([';', '&', '|'])
            && begins_as_command(rest);
    }
    let opened = first.trim_start_matches(['(', '{', '!']);
    let lower = opened.rsplit('/').next().unwrap_or(opened).to_ascii_lowercase();
    let name = lower.strip_suffix(".exe").unwrap_or(&lower);
    let rest = trimmed.get(first.len()..).unwrap_or_default().trim_start();
    // A sentence may begin with such a word too: `Sort the list`, `find me a hotel`.
    let sentence = opened.starts_with(|c: char| c.is_ascii_uppercase()) && !is_cmdlet(name);
    let lone = rest.is_empty() && ENGLISH.contains(&name);
    is_known(name) && !sentence && !lone
        || is_word_with_option(first, rest)
        || matches!(first, "(" | "{" | "[" | "[[" | "!") && !rest.is_empty()
}
