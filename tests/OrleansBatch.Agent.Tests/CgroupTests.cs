using System.Globalization;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Cgroups;

namespace OrleansBatch.Agent.Tests;

/// <summary>Where control groups are found, and the group of the unified interface.</summary>
public sealed class CgroupTests
{
    private const string V1 =
        """
        30 24 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs rw
        31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
        32 30 0:28 / /sys/fs/cgroup/memory rw,nosuid shared:10 master:1 - cgroup cgroup rw,memory
        33 30 0:29 / /sys/fs/cgroup/pids rw,nosuid - cgroup cgroup rw,pids
        34 30 0:30 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw
        """;

    private const string V2 =
        """
        24 1 254:0 / / rw - ext4 /dev/root rw
        30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
        """;

    [Fact]
    public void Each_controller_of_the_older_interface_is_found_where_it_is_mounted()
    {
        var mounts = CgroupMounts.Parse(V1.Split('\n'), ["5:cpu,cpuacct:/a", "4:memory:/b/c", "3:pids:/", "0::/d"]);

        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct/a", mounts.V1["cpu"]);
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct/a", mounts.V1["cpuacct"]);
        Assert.Equal("/sys/fs/cgroup/memory/b/c", mounts.V1["memory"]);
        Assert.Equal("/sys/fs/cgroup/pids", mounts.V1["pids"]);
        Assert.Equal("/sys/fs/cgroup/unified/d", mounts.Unified);
        Assert.True(CgroupV1Site.CanUse(mounts));
    }

    [Fact]
    public void The_unified_interface_is_found_alone()
    {
        var mounts = CgroupMounts.Parse(V2.Split('\n'), ["0::/system.slice/orleansbatch.service"]);

        Assert.Equal("/sys/fs/cgroup/system.slice/orleansbatch.service", mounts.Unified);
        Assert.Equal("/sys/fs/cgroup", mounts.UnifiedRoot);
        Assert.False(CgroupV1Site.CanUse(mounts));
    }

    [Fact]
    public void In_a_container_the_mount_shows_only_a_part_of_the_tree()
    {
        var mounts = CgroupMounts.Parse(
            [@"40 30 0:28 /docker/abc /sys/fs/cgroup/my\040memory ro - cgroup cgroup rw,memory"], ["4:memory:/docker/abc/jobs"]);

        Assert.Equal("/sys/fs/cgroup/my memory/jobs", mounts.V1["memory"]);
    }

    [Fact]
    public void Lines_that_are_none_are_passed_over() =>
        Assert.Empty(CgroupMounts.Parse(["", "nonsense", "1 2 3"], ["", "x"]).V1);

    [Fact]
    public void Without_any_mount_it_is_said_what_is_missing()
    {
        Assert.Null(CgroupSite.Find(CgroupMounts.Parse([], []), "name", out var problem));
        Assert.Equal("the kernel's control groups (cgroups) for memory, cpu and pids are not mounted", problem);
    }

    [Fact]
    public void Where_none_may_be_made_it_is_said_what_would_help()
    {
        var mounts = new CgroupMounts(new Dictionary<string, string>(), "/proc/no/such/group", "/proc/no");

        Assert.Null(CgroupSite.Find(mounts, "name", out var problem));
        Assert.EndsWith("run the scheduler as root, or in a group that was delegated to its user", problem);
    }

    [Theory]
    [InlineData("/cg", false, "/cg", true)]
    [InlineData("/cg", true, "/cg", true)]
    [InlineData("/cg/system.slice/ob.service/scheduler", false, "/cg/system.slice/ob.service", false)]
    [InlineData("/cg/system.slice/ob.service/scheduler", true, "/cg/system.slice/ob.service", false)]
    [InlineData("/cg/system.slice/ob.service", true, "/cg", false)]
    [InlineData("/cg/user.slice/session-1.scope", true, "/cg", false)]
    [InlineData("/cg/user.slice/user@1000.service/app.scope", false, "/cg/user.slice/user@1000.service/app.scope", true)]
    public void The_unified_interface_is_entered_where_nobody_is_in_the_way(string own, bool isPrivileged, string parent, bool stepsAside) =>
        Assert.Equal((parent, stepsAside), CgroupV2Site.ParentOf(own, "/cg", isPrivileged));

    [Fact]
    public void A_service_that_systemd_could_not_start_again_goes_without_limits() =>
        Assert.Contains("DelegateSubgroup", Assert.Throws<IOException>(() => CgroupV2Site.ParentOf("/cg/system.slice/ob.service", "/cg", false)).Message);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1024, 39)]
    [InlineData(262_144, 10_000)]
    [InlineData(1_000_000, 10_000)]
    public void Shares_become_weights_as_container_runtimes_reckon(long shares, long weight) =>
        Assert.Equal(weight, CgroupV2.WeightOf(shares));

    [Fact]
    public async Task A_group_of_the_unified_interface_holds_and_kills_what_is_started_in_it()
    {
        var root = CgroupMounts.Read().UnifiedRoot;
        Assert.SkipWhen(root is null || !Environment.IsPrivilegedProcess, "Needs root and the unified interface.");
        var directory = Path.Combine(root, $"orleansbatch-test-{Guid.NewGuid():N}");
        Assert.True(Files.MakeDirectory(directory).IsNone);
        var group = new CgroupV2(directory);
        using var launcher = new ProcessLauncher();
        var output = Path.GetTempFileName();

        var error = group.Start(
            launcher,
            new()
            {
                Path = "/bin/sh",
                Arguments = ["a shell", "-c", "setsid sleep 1000 & echo $!; wait"],
                Environment = ["a.b=odd", "PATH=/usr/bin:/bin"],
                WorkingDirectory = "/",
                OutputPath = output,
            },
            out var pid);
        Assert.True(error.IsNone, error.ToString());
        await Eventually.True(() => group.Members()!.Count == 2 && File.ReadAllText(output).EndsWith('\n'));
        var child = int.Parse(File.ReadAllText(output).Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.Equal("odd", ProcessTable.VariableOf(pid, "a.b"));
        Assert.Equal([pid, child], group.Members()!.Order());

        await Eventually.True(() => !group.Kill());

        Assert.Equal(137, await Reaped(pid));
        Assert.False(group.Kill());
        await Eventually.True(group.Remove);
        Assert.False(Directory.Exists(directory));
        File.Delete(output);
    }

    [Fact]
    public void A_program_that_cannot_be_run_is_told_from_one_that_can_before_a_shell_tries()
    {
        var file = Path.GetTempFileName();

        Assert.Equal(OsError.NotFound, ProgramSearch.ProblemOf("/no/such/program"));
        Assert.Equal(OsError.PermissionDenied, ProgramSearch.ProblemOf(file));
        Assert.Equal(OsError.PermissionDenied, ProgramSearch.ProblemOf("/bin"));
        Assert.True(ProgramSearch.ProblemOf("/bin/sh").IsNone);
        File.Delete(file);
    }

    private static async Task<int?> Reaped(int pid)
    {
        int? code = null;
        await Eventually.True(() => (code = ChildProcess.Reap(pid)) is not null);
        return code;
    }
}
