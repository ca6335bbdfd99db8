# Does what Homebrew would with a formula, into a folder: `brew.rb FORMULA ARCHIVE OUT`, where ARCHIVE is the unpacked archive. A file that the
# formula names and the archive does not have is an error.
require "fileutils"

class Place
  def initialize(folder)
    @folder = folder
  end

  def install(*files)
    FileUtils.mkdir_p(@folder)
    files = files.flatten
    raise "nothing to install into #{@folder}" if files.empty?

    files.each { |file| FileUtils.cp(file, @folder) }
  end
end

class Formula
  %i[desc homepage version license url sha256].each do |word|
    define_singleton_method(word) { |text| raise "empty #{word}" if text.empty? }
  end
  %i[on_macos on_linux on_arm on_intel].each { |word| define_singleton_method(word) { |&block| block.call } }
  define_singleton_method(:test) { |&block| raise "no test" unless block }
  %i[bin man1 bash_completion zsh_completion fish_completion doc].each do |word|
    define_method(word) { Place.new(File.join(OUT, word.to_s)) }
  end
end

formula, archive, out = ARGV
OUT = File.expand_path(out)
load formula
Dir.chdir(archive) { Eksnet.new.install }
